import CellData
import Clustering
import Models
import StageSupport
import Tensors
import Training

/// How sc-cluster trains scziDesk.
package struct ScziDeskRecipe: ClusteringRecipe {
  package var settings: ScziDeskClustering

  package init(_ settings: ScziDeskClustering) { self.settings = settings }

  package init(of run: ClusteringRun) {
    settings = ScziDeskClustering(of: run)
    // A step holds every pair of its cells, so that none takes all.
    if settings.batchSize == 0 { settings.batchSize = 256 }
  }

  package var extent: TrainingExtent { settings.extent }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<ScziDesk<Float>>
  {
    let stored = try cells.requiredWeights(of: ScziDesk<Float>.name)
    let shape = settings.shape(try cells.layersOfScziDesk())
    let input = try PairedInput(rnaOf: cells, readsGraph: settings.start.readsCodes)
      .seeingBatches(of: ScziDesk<Float>.name, count: shape.batches, in: cells)
    try input.require(genes: shape.genes)
    return try PreparedClustering(
      settings, of: cells, input, clusters: clusters, seed: seed,
      stepSize: settings.stepSize(cells: cells.cellCount),
      rule: { [settings] in settings.stabilityRule() },
      provenance: settings.provenance(own: [("noise", .number(shape.noise))]),
      annotate: { $0.store(noiseOfScziDesk: shape.noise) },
      stored: stored,
      model: { [weights = settings.weights] in
        ScziDesk(ScDeepCluster<Float>(shape, clusters: clusters), weights)
      })
  }
}

extension ScziDesk: CodingModel, ModelKind where S == Float {
  package typealias Recipe = ScziDeskRecipe

  package init(storedIn cells: CellData, clusters: Int?) throws {
    self.init(ScDeepCluster(try cells.layersOfScziDesk(), clusters: clusters))
  }

  package var geneCount: Int { base.geneCount }

  package var parts: ClusteringParts { ClusteringParts(clusters: weights.centers > 0) }

  package func extent(over source: PairedSteps<Float>) -> TrainingExtent {
    base.extent(over: source)
  }

  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    try base.codes(of: cells, as: Self.name)
  }
}
