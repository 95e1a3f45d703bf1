import CellData
import Models
import StageSupport
import Tensors
import Training

extension DiagnosedLosses {
  /// Those of scDeepCluster: the mean over the batches of an epoch, with its noise. L_S is the
  /// divergence from the one-hot of given clusters.
  static func scDeepCluster(of cells: CellData, _ run: ClusteringRun) throws -> DiagnosedLosses {
    let centers = try run.centers()
    var shape = try cells.configurationOfScDeepCluster()
    let input = try PairedInput(cells, usesSecond: false, hops: 0, readsGraph: false)
      .seeingBatches(of: ScDeepCluster<Float>.name, count: shape.batches, in: cells)
    try input.require(genes: shape.genes)
    try run.require(centers, width: shape.latent, of: "scdeepcluster")
    shape.gamma = run.number("gamma") ?? shape.gamma
    shape.trainsCenters = !run.isOn("freeze_centers")
    if run.isOn("floor_added") { shape.floor = .added(1e-6) }
    let stored = run.batchSize
    let size = stored == 0 ? cells.cellCount : stored
    let model = ScDeepCluster<Float>(shape, clusters: centers.rows)
    return DiagnosedLosses(
      measure: { state, targets in
        try model.gradientAgreement(
          at: state, over: PairedSteps(input.data, size: size, seed: run.seed),
          rule: TargetRule(stableShare: 0), targets: targets)
      }, latent: shape.latent, extent: shape.extent(batch: size),
      remarks: remarks(reconstructs: true, clusters: shape.gamma > 0, hasCenters: true))
  }
}
