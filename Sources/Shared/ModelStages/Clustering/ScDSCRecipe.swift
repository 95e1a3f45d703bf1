import CellData
import Models
import StageSupport
import Tensors
import Training

/// How sc-cluster trains scDSC.
package struct ScDSCRecipe: ClusteringRecipe {
  package var settings: ScDSCClustering

  package init(_ settings: ScDSCClustering) { self.settings = settings }

  package init(of run: ClusteringRun) {
    settings = ScDSCClustering(of: run)
    settings.normalizesByCells = run.isOn("normalizes_by_cells")
  }

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
      filter: settings.filter,
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

extension ScDSC: CodingModel, ModelKind where S == Float {
  package typealias Recipe = ScDSCRecipe

  package init(storedIn cells: CellData, clusters: Int?) throws {
    self.init(try Configuration(of: cells.weights(of: Self.name)), clusters: clusters)
  }

  package var geneCount: Int { configuration.genes }

  package var parts: ClusteringParts { ClusteringParts(clusters: configuration.gamma > 0) }

  package func extent(over source: GraphSteps<Float>) -> TrainingExtent {
    configuration.clusteringExtent
  }

  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    let input = try ModelInput.standardized(cells)
    return codes(of: knownScale.map(input.scaled) ?? input)
  }
}
