import CellData
import Models
import StageSupport
import Tensors
import Training

/// How sc-cluster trains scMDC.
package struct ScMDCRecipe: ClusteringRecipe {
  package var settings: ScMDCClustering

  package init(_ settings: ScMDCClustering) { self.settings = settings }

  package init(of run: ClusteringRun) {
    settings = ScMDCClustering(of: run)
    settings.batchSize = max(1, settings.batchSize)
    settings.phi = run.number("phi")
    settings.differentiatesTarget = run.isOn("differentiates_target")
  }

  package var extent: TrainingExtent { settings.extent }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<ScMDC<Float>>
  {
    let stored = try cells.requiredWeights(of: ScMDC<Float>.name)
    let shape = settings.shape(try cells.configurationOfScMDC())
    let input = try PairedInput(
      both: cells, of: ScMDC<Float>.name, readsGraph: settings.start.readsCodes
    ).seeingBatches(of: ScMDC<Float>.name, count: shape.batches, in: cells)
    try input.require(
      genes: shape.genes, features: shape.features, hasCounts: shape.secondHasCounts)
    return try PreparedClustering(
      settings, of: cells, input, clusters: clusters, seed: seed, stepSize: settings.batchSize,
      rule: { [settings] in settings.stabilityRule() },
      provenance: settings.provenance(own: shape.settings), annotate: { $0.store(shape) },
      stored: stored, model: { ScMDC<Float>(shape, clusters: clusters) })
  }
}

extension ScMDC: CodingModel, ModelKind where S == Float {
  package typealias Recipe = ScMDCRecipe

  package init(storedIn cells: CellData, clusters: Int?) throws {
    self.init(try cells.configurationOfScMDC(), clusters: clusters)
  }

  package var geneCount: Int { configuration.genes }
  package var readsSecond: Bool { true }

  package var parts: ClusteringParts {
    let (gamma, phi) = (configuration.gamma, configuration.phi)
    return ClusteringParts(clusters: gamma > 0 || phi > 0, centers: gamma > 0)
  }

  package func extent(over source: PairedSteps<Float>) -> TrainingExtent {
    Self.extent(batch: source.size)
  }

  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    let input = try PairedInput(both: cells, of: Self.name)
      .encoding(configuration.encodesBatches ? configuration.batches : 0, of: Self.name, in: cells)
    return codes(over: PairedSteps(input.data, size: 1, seed: 0))
  }
}
