import CellData
import Models
import StageSupport
import Tensors
import Training

extension ScDSCClustering: ClusteringRecipe {
  package init(of run: ClusteringRun) {
    self.init(lossesOf: run)
    normalizesByCells = run.isOn("normalizes_by_cells")
  }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<ScDSC<Float>>
  {
    let stored = try cells.requiredWeights(of: ScDSC<Float>.name)
    let shape = shape(try ScDSC<Float>.Configuration(of: stored))
    try ModelStageFault.require(genes: shape.genes, of: cells.geneCount)
    let model = ScDSC<Float>(shape, clusters: clusters)
    try model.load(pretrained: stored, seed: seed)
    let input = try AveragedInput(cells, shape.scaling, known: model.knownScale)
      .seeingBatches(of: ScDSC<Float>.name, count: shape.batches, in: cells)
    let schedule = schedule(hasEnsemble: !cells.furtherCodes.isEmpty)
    return PreparedClustering(
      start, over: input.adjacency, of: cells, clusters: clusters, seed: seed,
      provenance: provenance(
        schedule, own: [("warm_up", .integer(warmUp))],
        switches: [("normalizes_by_cells", normalizesByCells)]),
      filter: filter,
      training: { _ in
        let model = ScDSC<Float>(shape, clusters: clusters)
        try model.load(pretrained: stored, seed: seed)
        return GuardedTraining(
          model, on: model.steps(over: input.data, input.graph, plan: BatchPlan()),
          rule: targetRule(), schedule: schedule)
      })
  }
}

extension ScDSC: CodingModel, ModelKind, ShapedModel where S == Float {
  package typealias Recipe = ScDSCClustering
  package static var clustersInBatches: Bool { false }
  package static var encodesBatches: Bool { false }

  package var parts: ClusteringParts { ClusteringParts(clusters: configuration.gamma > 0) }

  package func extent(over source: GraphSteps<Float>) -> TrainingExtent {
    configuration.clusteringExtent
  }

  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    let input = try ModelInput.standardized(cells)
    return codes(of: knownScale.map(input.scaled) ?? input)
  }
}
