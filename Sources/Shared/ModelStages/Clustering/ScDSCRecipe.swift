import CellData
import Models
import StageSupport
import Tensors
import Training

/// How sc-cluster trains scDSC.
package struct ScDSCRecipe: ClusteringRecipe {
  package var settings: ScDSCClustering

  package init(_ settings: ScDSCClustering) { self.settings = settings }

  package var extent: TrainingExtent { settings.extent }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<ScDSC<Float>>
  {
    let stored = try cells.requiredWeights(of: ScDSC<Float>.name)
    let shape = settings.shape(try ScDSC<Float>.Configuration(of: stored))
    try ModelStageFault.require(genes: shape.genes, of: cells.geneCount)
    let model = ScDSC<Float>(shape, clusters: clusters)
    try model.load(pretrained: stored, seed: seed)
    let input = try AveragedInput(cells, shape.scaling, known: model.knownScale)
      .seeingBatches(of: ScDSC<Float>.name, count: shape.batches, in: cells)
    let schedule = settings.schedule(hasEnsemble: !cells.furtherCodes.isEmpty)
    return PreparedClustering(
      settings.start, over: input.adjacency, of: cells, clusters: clusters, seed: seed,
      provenance: settings.provenance(
        schedule, own: [("warm_up", .integer(settings.warmUp))],
        switches: [("normalizes_by_cells", settings.normalizesByCells)]),
      remarks: { [filter = settings.filter] outcome, used, _ in
        .stableLabels(filter, outcome, used: used)
      },
      training: { [settings] _ in
        let model = ScDSC<Float>(shape, clusters: clusters)
        try model.load(pretrained: stored, seed: seed)
        return GuardedTraining(
          model, on: model.steps(over: input.data, input.graph, plan: BatchPlan()),
          rule: settings.targetRule(),
          schedule: schedule)
      })
  }
}

extension DiagnosedLosses {
  /// Those of scDSC: one step on all cells. L_S is both losses of clusters with the one-hot of
  /// given clusters.
  static func scDSC(of cells: CellData, _ run: ClusteringRun) throws -> DiagnosedLosses {
    let centers = try run.centers()
    var shape = try ScDSC<Float>.Configuration(of: run.weights)
    try ModelStageFault.require(genes: shape.genes, of: cells.geneCount)
    try run.require(centers, width: shape.latent, of: "scdsc")
    shape.gamma = run.number("gamma") ?? shape.gamma
    shape.trainsCenters = !run.isOn("freeze_centers")
    shape.normalizesByCells = run.isOn("normalizes_by_cells")
    let model = ScDSC<Float>(shape, clusters: centers.rows)
    try model.load(run.weights)
    let input = try AveragedInput(cells, shape.scaling, known: model.knownScale)
      .seeingBatches(of: ScDSC<Float>.name, count: shape.batches, in: cells)
    return DiagnosedLosses(
      measure: { state, targets in
        try model.gradientAgreement(
          at: state, over: model.steps(over: input.data, input.graph, plan: BatchPlan()),
          rule: TargetRule(stableShare: 0), targets: targets)
      }, latent: shape.latent, extent: shape.clusteringExtent,
      remarks: remarks(reconstructs: true, clusters: shape.gamma > 0, hasCenters: true))
  }
}
