import CellData
import Models
import StageSupport
import Tensors
import Training

extension DiagnosedLosses {
  /// Those of a model of paired data that has no loss of clusters.
  static func withoutClusters<Model: FirstPartitionModel>(
    _ kind: Model.Type, of cells: CellData, _ run: ClusteringRun
  ) throws -> DiagnosedLosses {
    let shape = try Model.shape(in: cells)
    let centers = try run.centers()
    let input = try PairedInput(countsOf: cells, for: Model.kind)
      .seeingBatches(of: Model.name, count: shape.batches, in: cells)
    try input.require(shape)
    try run.require(centers, width: shape.codeWidth, of: Model.name)
    // Of scMCs all cells may be in a step.
    let step = run.batchSize == 0 ? max(1, cells.cellCount) : run.batchSize
    let model = Model(shape, clusters: centers.rows)
    return DiagnosedLosses(
      measure: { state, targets in
        try model.gradientAgreement(
          at: state, over: PairedSteps(input.data, size: step, seed: run.seed),
          rule: StabilityRule(share: 0), targets: targets)
      }, latent: shape.codeWidth, extent: Model.extent(of: shape, batch: step),
      remarks: ["\(Model.name) has no clustering loss: lambda_fr and lambda_fd have no value"])
  }
}
