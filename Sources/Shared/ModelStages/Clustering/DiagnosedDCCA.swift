import CellData
import Models
import StageSupport
import Tensors
import Training

extension DiagnosedLosses {
  /// Those of DCCA, which has none of clusters.
  static func dcca(of cells: CellData, _ run: ClusteringRun) throws -> DiagnosedLosses {
    let centers = try run.centers()
    let shape = try cells.configurationOfDCCA()
    let input = try PairedInput(countsOf: cells, for: .dcca)
    try input.require(
      genes: shape.genes, features: shape.features, likelihood: shape.secondLikelihood)
    try run.require(centers, width: shape.codeWidth, of: "dcca")
    let size = max(1, run.batchSize)
    let model = DCCA<Float>(shape, clusters: centers.rows)
    return DiagnosedLosses(
      measure: { state, targets in
        try model.gradientAgreement(
          at: state, over: PairedSteps(input.data, size: size, seed: run.seed),
          rule: StabilityRule(share: 0), targets: targets)
      }, latent: shape.codeWidth, extent: DCCA<Float>.extent(of: shape, batch: size),
      remarks: ["dcca has no clustering loss: lambda_fr and lambda_fd have no value"])
  }
}
