import CellData
import Models
import StageSupport
import Tensors
import Training

/// A model of the counts of paired data that has no loss of clusters: sc-cluster partitions its
/// codes, and trains nothing.
package protocol FirstPartitionModel: ModelKind where Source == PairedSteps<Float> {
  associatedtype Shape: PairedCountShape where Shape.S == Float

  /// The shape of the stored model.
  static func shape(in cells: CellData) throws(ModelFault) -> Shape
  /// Stores what weights do not show by their shapes.
  static func store(_ shape: Shape, in cells: inout CellData)
  /// What the provenance of sc-cluster notes of the codes.
  static func provenance(of shape: Shape) -> [(String, JSONValue)]
  /// What a step of that many cells holds.
  static func extent(of shape: Shape, batch: Int) -> TrainingExtent
  /// What the first partition of a stored model's codes holds.
  static func clusteringExtent(batch: Int) -> TrainingExtent

  var configuration: Shape { get }
  init(_ shape: Shape, clusters: Int?)
}

extension FirstPartitionModel {
  package static func store(_ shape: Shape, in cells: inout CellData) {}
  package static func provenance(of shape: Shape) -> [(String, JSONValue)] { [] }
  package static var hasClusteringLoss: Bool { false }

  package init(storedIn cells: CellData, clusters: Int?) throws {
    self.init(try Self.shape(in: cells), clusters: clusters)
  }

  package var geneCount: Int { configuration.genes }
  package var readsSecond: Bool { true }
  package var parts: ClusteringParts { ClusteringParts(clusters: false) }

  package func extent(over source: PairedSteps<Float>) -> TrainingExtent {
    Self.extent(of: configuration, batch: source.size)
  }

  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    let input = try PairedInput(countsOf: cells, for: Self.name)
      .encoding(configuration.encodesBatches ? configuration.batches : 0, of: Self.name, in: cells)
    return codes(over: PairedSteps(input.data, size: 1, seed: 0))
  }

  /// Prepares the first partition of the stored model's codes.
  ///
  /// - Parameter provenance: what is noted beside the start.
  /// - Throws: as `ClusteringRecipe.prepared`.
  static func preparedPartition(
    _ settings: some ClusteringSettings, of cells: CellData, clusters: Int, seed: UInt64,
    provenance: [(String, JSONValue)] = []
  ) throws -> PreparedClustering<Self> {
    let stored = try cells.requiredWeights(of: name)
    let shape = try shape(in: cells)
    let input = try PairedInput(countsOf: cells, for: name, readsGraph: settings.start.readsCodes)
      .seeingBatches(of: name, count: shape.batches, in: cells)
    try input.require(shape)
    return try PreparedClustering(
      settings, of: cells, input, clusters: clusters, seed: seed,
      stepSize: max(1, settings.batchSize), rule: { StabilityRule(share: 0) },
      provenance: [("start", .string(settings.start.rawValue))] + Self.provenance(of: shape)
        + provenance,
      annotate: { store(shape, in: &$0) },
      stored: stored, model: { Self(shape, clusters: clusters) })
  }
}

/// How sc-cluster partitions the codes of a model without a loss of clusters.
package struct FirstPartitionRecipe<Model: FirstPartitionModel>: ClusteringRecipe {
  package var settings: FirstPartitionClustering
  package let extent: TrainingExtent

  /// - Parameter extent: what such a model holds while it is partitioned.
  package init(_ settings: FirstPartitionClustering, extent: TrainingExtent) {
    (self.settings, self.extent) = (settings, extent)
  }

  package init(of run: ClusteringRun) {
    settings = FirstPartitionClustering(of: run)
    extent = Model.clusteringExtent(batch: settings.batchSize)
  }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<Model>
  {
    try Model.preparedPartition(settings, of: cells, clusters: clusters, seed: seed)
  }
}

extension PairedInput {
  /// Throws where a stored model, which explains the second modality by a likelihood, is one of
  /// other data.
  func require(_ shape: some PairedCountShape) throws(ModelStageFault) {
    try require(
      genes: shape.genes, features: shape.features,
      hasCounts: shape.secondLikelihood.explainsCounts)
    guard secondIsBinary != (shape.secondLikelihood == .bernoulli) else { return }
    let (model, found) = secondIsBinary ? ("counts", "peaks") : ("peaks", "counts")
    throw ModelStageFault(
      "the model explains '\(secondName ?? "")' as \(model), but the data have \(found); run sc-pretrain on these data"
    )
  }
}

extension DCCA: CodingModel, ModelKind, FirstPartitionModel where S == Float {
  package typealias Recipe = FirstPartitionRecipe<Self>

  package static func shape(in cells: CellData) throws(ModelFault) -> Configuration {
    try cells.configurationOfDCCA()
  }

  package static func store(_ shape: Configuration, in cells: inout CellData) {
    cells.store(shape)
  }

  package static func provenance(of shape: Configuration) -> [(String, JSONValue)] {
    [("codes", .string(shape.codes.rawValue))]
  }
}

extension ScMCs: CodingModel, ModelKind, FirstPartitionModel where S == Float {
  package typealias Recipe = ScMCsRecipe

  package static func shape(in cells: CellData) throws(ModelFault) -> Configuration {
    try cells.configurationOfScMCs()
  }

  package static func store(_ shape: Configuration, in cells: inout CellData) {
    cells.store(shape)
  }
}

extension ScMVAE: CodingModel, ModelKind, FirstPartitionModel where S == Float {
  package typealias Recipe = FirstPartitionRecipe<Self>

  package static func shape(in cells: CellData) throws(ModelFault) -> Configuration {
    try Configuration(of: cells.weights(of: name))
  }
}
