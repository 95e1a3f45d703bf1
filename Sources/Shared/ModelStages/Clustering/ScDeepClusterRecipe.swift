import CellData
import Clustering
import Models
import StageSupport
import Tensors
import Training

/// How sc-cluster trains scDeepCluster.
package struct ScDeepClusterRecipe: ClusteringRecipe {
  package var settings: ScDeepClusterClustering

  package init(_ settings: ScDeepClusterClustering) { self.settings = settings }

  package init(of run: ClusteringRun) {
    settings = ScDeepClusterClustering(of: run)
    if run.isOn("floor_added") { settings.floor = .added(1e-6) }
  }

  package var extent: TrainingExtent { settings.extent }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<ScDeepCluster<Float>>
  {
    let stored = try cells.requiredWeights(of: ScDeepCluster<Float>.name)
    let shape = settings.shape(try cells.configurationOfScDeepCluster())
    let input = try PairedInput(rnaOf: cells, readsGraph: settings.start.readsCodes)
      .seeingBatches(of: ScDeepCluster<Float>.name, count: shape.batches, in: cells)
    try input.require(genes: shape.genes)
    return try PreparedClustering(
      settings, of: cells, input, clusters: clusters, seed: seed,
      stepSize: settings.stepSize(cells: cells.cellCount),
      rule: { [settings] in settings.targetRule() },
      provenance: settings.provenance(
        own: [("noise", .number(shape.noise)), ("noise_site", .string(shape.noiseSite.rawValue))],
        switches: [("floor_added", shape.floor == .added(1e-6))]),
      annotate: { $0.store(shape) },
      stored: stored, model: { ScDeepCluster<Float>(shape, clusters: clusters) })
  }
}

extension ScDeepCluster: CodingModel, ModelKind where S == Float {
  package typealias Recipe = ScDeepClusterRecipe

  package init(storedIn cells: CellData, clusters: Int?) throws {
    self.init(try cells.configurationOfScDeepCluster(), clusters: clusters)
  }

  package var geneCount: Int { configuration.genes }

  package var parts: ClusteringParts { ClusteringParts(clusters: configuration.gamma > 0) }

  package func extent(over source: PairedSteps<Float>) -> TrainingExtent {
    configuration.extent(batch: source.size)
  }

  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    try codes(of: cells, as: Self.name)
  }

  /// Those of a model of this name and of these layers.
  func codes(of cells: CellData, as model: String) throws -> Matrix<Float> {
    let input = try PairedInput(rnaOf: cells)
      .encoding(configuration.encodesBatches ? configuration.batches : 0, of: model, in: cells)
    return codes(over: PairedSteps(input.data, size: 1, seed: 0))
  }
}

extension PairedInput {
  /// Throws a `ModelStageFault` where the model is not one of that many genes.
  func require(genes: Int) throws(ModelStageFault) {
    try ModelStageFault.require(genes: genes, of: data.rna.targetCount)
  }
}
