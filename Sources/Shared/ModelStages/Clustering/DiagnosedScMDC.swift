import CellData
import Models
import StageSupport
import Tensors
import Training

extension DiagnosedLosses {
  /// Those of scMDC: the mean over the batches of an epoch, with its noise. L_S is the distance to
  /// the centers of given clusters, squared.
  static func scMDC(of cells: CellData, _ run: ClusteringRun) throws -> DiagnosedLosses {
    let centers = try run.centers()
    var shape = try cells.configurationOfScMDC()
    let input = try PairedInput(both: cells, of: .scmdc)
      .seeingBatches(of: ScMDC<Float>.name, count: shape.batches, in: cells)
    try input.require(
      genes: shape.genes, features: shape.features, hasCounts: shape.secondHasCounts)
    try run.require(centers, width: shape.latent, of: "scmdc")
    shape.gamma = run.number("gamma") ?? shape.gamma
    shape.phi = run.number("phi") ?? shape.phi
    shape.trainsCenters = !run.isOn("freeze_centers")
    shape.differentiatesTarget = run.isOn("differentiates_target")
    let size = max(1, run.batchSize)
    let model = ScMDC<Float>(shape, clusters: centers.rows)
    return DiagnosedLosses(
      measure: { state, targets in
        try model.gradientAgreement(
          at: state, over: PairedSteps(input.data, size: size, seed: run.seed),
          rule: StabilityRule(share: 0), targets: targets)
      }, latent: shape.latent, extent: ScMDC<Float>.extent(batch: size),
      remarks: remarks(
        reconstructs: true, clusters: shape.gamma > 0 || shape.phi > 0, hasCenters: shape.gamma > 0)
    )
  }
}
