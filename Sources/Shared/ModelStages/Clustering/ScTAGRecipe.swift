import CellData
import Models
import StageSupport
import Tensors
import Training

/// How sc-cluster trains scTAG.
package struct ScTAGRecipe: ClusteringRecipe {
  package var settings: ScTAGClustering

  package init(_ settings: ScTAGClustering) { self.settings = settings }

  package init(of run: ClusteringRun) {
    settings = ScTAGClustering(of: run)
    settings.batchSize = 0
  }

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
      filter: settings.filter,
      training: { [plan, settings] _ in
        let model = try model()
        return GuardedTraining(
          model, on: model.base.steps(over: input.data, input.graph, plan: plan),
          rule: settings.targetRule(),
          schedule: schedule)
      })
  }
}

extension ScTAG: CodingModel, ModelKind where S == Float {
  package typealias Recipe = ScTAGRecipe

  package init(storedIn cells: CellData, clusters: Int?) throws {
    let shape = try cells.configurationOfScTPF(named: Self.name)
    self.init(ScTPF(shape, clusters: clusters))
  }

  package var geneCount: Int { base.geneCount }
  package var parts: ClusteringParts { base.parts }

  package func extent(over source: GraphSteps<Float>) -> TrainingExtent {
    base.extent(over: source)
  }

  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    try base.codes(of: cells, as: Self.name)
  }
}
