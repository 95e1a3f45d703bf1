import CellData
import Models
import StageSupport
import Tensors
import Training

/// How sc-cluster trains scTAG.
package struct ScTAGRecipe: ClusteringRecipe {
  package var settings: ScTAGClustering

  package init(_ settings: ScTAGClustering) { self.settings = settings }

  package var extent: TrainingExtent { settings.extent }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<ScTAG<Float>>
  {
    let name = ScTAG<Float>.name
    let stored = try cells.requiredWeights(of: name)
    let shape = settings.shape(try cells.configurationOfScTPF(named: name))
    let input = try ModelInput(cells, explainsInput: shape.explainsInput)
      .seeingBatches(of: name, count: shape.batches, in: cells)
    try input.require(genes: shape.genes)
    @Sendable func model() throws -> ScTAG<Float> {
      let model = ScTAG(ScTPF<Float>(shape, clusters: clusters))
      try model.load(stored)
      return model
    }
    _ = try model()
    let schedule = settings.schedule(hasEnsemble: !cells.furtherCodes.isEmpty)
    var plan = settings.batches(seed: seed, isLocal: shape.latentHops == 0 && !shape.repeatsHop)
    plan.productBytes = productBytes
    return PreparedClustering(
      settings.start, over: input.adjacency, of: cells, clusters: clusters, seed: seed,
      provenance: settings.provenance(schedule, stepSize: plan.size ?? 0),
      remarks: { [filter = settings.filter] outcome, used, _ in
        .stableLabels(filter, outcome, used: used)
      },
      training: { [plan, settings] _ in
        let model = try model()
        return GuardedTraining(
          model, on: model.base.steps(over: input.data, input.graph, plan: plan),
          rule: settings.targetRule(),
          schedule: schedule)
      })
  }
}

extension DiagnosedLosses {
  /// Those of scTAG: one step on all cells. L_S is the divergence from the one-hot of given
  /// clusters.
  static func scTAG(of cells: CellData, _ run: ClusteringRun) throws -> DiagnosedLosses {
    let centers = try run.centers()
    var shape = try cells.configurationOfScTPF(named: ScTAG<Float>.name)
    let input = try ModelInput(cells, explainsInput: shape.explainsInput)
      .seeingBatches(of: ScTAG<Float>.name, count: shape.batches, in: cells)
    try input.require(genes: shape.genes)
    guard centers.columns == shape.latent else {
      throw ModelStageFault(
        "model.sctag: has \(shape.latent) latent dimensions, but centers of \(centers.columns); run sc-pretrain and sc-cluster on these data"
      )
    }
    shape.gamma = run.number("gamma") ?? shape.gamma
    shape.trainsCenters = !run.isOn("freeze_centers")
    let model = ScTAG(ScTPF<Float>(shape, clusters: centers.rows))
    return DiagnosedLosses(
      measure: { state, targets in
        try model.gradientAgreement(
          at: state, over: model.base.steps(over: input.data, input.graph, plan: BatchPlan()),
          rule: TargetRule(stableShare: 0), targets: targets)
      }, latent: shape.latent, extent: TrainingExtent(hops: nil),
      remarks: remarks(reconstructs: true, clusters: shape.gamma > 0, hasCenters: true))
  }
}
