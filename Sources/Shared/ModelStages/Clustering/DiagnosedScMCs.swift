import CellData
import Models
import StageSupport
import Tensors
import Training

extension DiagnosedLosses {
  /// Those of scMCs, which has none of clusters.
  static func scMCs(of cells: CellData, _ run: ClusteringRun) throws -> DiagnosedLosses {
    let centers = try run.centers()
    let shape = try cells.configurationOfScMCs()
    let input = try PairedInput(
      countsOf: cells, for: .scmcs)
    try input.require(
      genes: shape.genes, features: shape.features, likelihood: shape.secondLikelihood)
    try run.require(centers, width: shape.latent, of: "scmcs")
    let size = run.batchSize == 0 ? max(1, cells.cellCount) : run.batchSize
    let model = ScMCs<Float>(shape, clusters: centers.rows)
    return DiagnosedLosses(
      measure: { state, targets in
        try model.gradientAgreement(
          at: state, over: PairedSteps(input.data, size: size, seed: run.seed),
          rule: StabilityRule(share: 0), targets: targets)
      }, latent: shape.latent, extent: ScMCs<Float>.extent(of: shape, batch: size),
      remarks: ["scmcs has no clustering loss: lambda_fr and lambda_fd have no value"])
  }
}
