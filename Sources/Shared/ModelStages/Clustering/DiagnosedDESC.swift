import CellData
import Models
import StageSupport
import Tensors
import Training

extension DiagnosedLosses {
  /// Those of DESC: the mean over the batches of an epoch. L_S is the divergence from the one-hot
  /// of given clusters; there is no reconstruction.
  static func desc(of cells: CellData, _ run: ClusteringRun) throws -> DiagnosedLosses {
    let centers = try run.centers()
    var shape = try cells.configurationOfDESC()
    let input = try PairedInput(valuesOf: cells)
      .seeingBatches(of: DESC<Float>.name, count: shape.batches, in: cells)
    try input.require(genes: shape.genes)
    let width = shape.encoder.last ?? 0
    try run.require(centers, width: width, of: "desc")
    shape.gamma = run.number("gamma") ?? shape.gamma
    shape.trainsCenters = !run.isOn("freeze_centers")
    var settings = DESCClustering.standard
    settings.batchSize = run.batchSize
    settings.fewestSteps = run.number("fewest_steps").flatMap { Int(exactly: $0) } ?? 1
    let size = settings.stepSize(cells: cells.cellCount)
    let model = DESC<Float>(shape, clusters: centers.rows)
    return DiagnosedLosses(
      measure: { state, targets in
        try model.gradientAgreement(
          at: state, over: PairedSteps(input.data, size: size, seed: run.seed),
          rule: TargetRule(stableShare: 0), targets: targets)
      }, latent: width, extent: DESC<Float>.Configuration.extent(batch: size, reconstructs: false),
      remarks: remarks(reconstructs: false, clusters: shape.gamma > 0, hasCenters: true))
  }
}
