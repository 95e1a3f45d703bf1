import CellData
import Clustering
import Models
import StageSupport
import Tensors
import Training

/// How sc-cluster trains DESC.
package struct DESCRecipe: ClusteringRecipe {
  package var settings: DESCClustering

  package init(_ settings: DESCClustering) { self.settings = settings }

  package init(of run: ClusteringRun) {
    settings = DESCClustering(of: run)
    settings.fewestSteps = run.number("fewest_steps").flatMap { Int(exactly: $0) } ?? 1
  }

  package var extent: TrainingExtent { settings.extent }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<DESC<Float>>
  {
    let stored = try cells.requiredWeights(of: DESC<Float>.name)
    let shape = settings.shape(try cells.configurationOfDESC())
    let input = try PairedInput(valuesOf: cells, readsGraph: settings.start.readsCodes)
      .seeingBatches(of: DESC<Float>.name, count: shape.batches, in: cells)
    try input.require(genes: shape.genes)
    return try PreparedClustering(
      settings, of: cells, input, clusters: clusters, seed: seed,
      stepSize: settings.stepSize(cells: cells.cellCount), schedule: settings.effectiveSchedule,
      rule: { [settings] in settings.targetRule() },
      provenance: settings.provenance(
        own: [("fewest_steps", .integer(settings.fewestSteps))]),
      annotate: { $0.store(shape) },
      stored: stored, model: { DESC<Float>(shape, clusters: clusters) })
  }
}

extension DESC: CodingModel, ModelKind where S == Float {
  package typealias Recipe = DESCRecipe

  package init(storedIn cells: CellData, clusters: Int?) throws {
    self.init(try cells.configurationOfDESC(), clusters: clusters)
  }

  package var geneCount: Int { configuration.genes }

  package var parts: ClusteringParts {
    ClusteringParts(reconstruction: false, clusters: configuration.gamma > 0)
  }

  package func extent(over source: PairedSteps<Float>) -> TrainingExtent {
    Configuration.extent(batch: source.size, reconstructs: false)
  }

  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    let input = try PairedInput(valuesOf: cells)
      .encoding(configuration.encodesBatches ? configuration.batches : 0, of: Self.name, in: cells)
    return codes(over: PairedSteps(input.data, size: 1, seed: 0))
  }
}
