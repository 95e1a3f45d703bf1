import CellData
import Models
import StageSupport
import Tensors
import Training

extension DiagnosedLosses {
  /// Those of scziDesk: the mean over the batches of an epoch, with its noise. L_S is the distance
  /// to the centers of given clusters, squared.
  static func scziDesk(of cells: CellData, _ run: ClusteringRun) throws -> DiagnosedLosses {
    let centers = try run.centers()
    var shape = try cells.layersOfScziDesk()
    let input = try PairedInput(cells, usesSecond: false, hops: 0, readsGraph: false)
      .seeingBatches(of: ScziDesk<Float>.name, count: shape.batches, in: cells)
    try input.require(genes: shape.genes)
    try run.require(centers, width: shape.latent, of: "sczidesk")
    shape.trainsCenters = !run.isOn("freeze_centers")
    var settings = ScziDeskClustering.standard
    settings.gamma = run.number("gamma") ?? settings.gamma
    let stored = run.batchSize
    // Steps on all cells are not there: they hold every pair.
    let size = stored > 0 ? stored : 256
    let model = ScziDesk(
      ScDeepCluster<Float>(shape, clusters: centers.rows), settings.weights)
    return DiagnosedLosses(
      measure: { state, targets in
        try model.gradientAgreement(
          at: state, over: PairedSteps(input.data, size: size, seed: run.seed),
          rule: StabilityRule(share: 0), targets: targets)
      }, latent: shape.latent, extent: shape.extent(batch: size),
      remarks: remarks(
        reconstructs: true, clusters: settings.gamma > 0, hasCenters: true))
  }
}
