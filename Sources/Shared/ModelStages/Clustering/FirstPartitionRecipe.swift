import CellData
import Models
import StageSupport
import Tensors
import Training

/// A model of the counts of paired data that has no loss of clusters: sc-cluster partitions its
/// codes, and trains nothing.
package protocol FirstPartitionModel: StepModel where Shape: PairedCountShape<Float> {
  /// What the provenance of sc-cluster notes of the codes.
  static func provenance(of shape: Shape) -> [(String, JSONValue)]
  /// What a step of that many cells holds.
  static func extent(of shape: Shape, batch: Int) -> TrainingExtent
  /// What the first partition of a stored model's codes holds.
  static func clusteringExtent(batch: Int) -> TrainingExtent
}

extension FirstPartitionModel {
  package static func provenance(of shape: Shape) -> [(String, JSONValue)] { [] }
  package static var hasClusteringLoss: Bool { false }
  package static var learnsFromSecond: Bool { true }

  package static func input(of cells: CellData, readsGraph: Bool) throws -> PairedInput {
    try PairedInput(countsOf: cells, for: name, readsGraph: readsGraph)
  }

  package static func require(_ shape: Shape, of input: PairedInput) throws {
    try input.require(shape)
  }

  package var readsSecond: Bool { true }
  package var parts: ClusteringParts { ClusteringParts(clusters: false) }

  package func extent(over source: PairedSteps<Float>) -> TrainingExtent {
    Self.extent(of: configuration, batch: source.size)
  }

  /// Prepares the first partition of the stored model's codes.
  ///
  /// - Parameter provenance: what is noted beside the start.
  /// - Throws: as `ClusteringRecipe.prepared`.
  static func preparedPartition(
    _ settings: some ClusteringSettings, of cells: CellData, clusters: Int, seed: UInt64,
    provenance: [(String, JSONValue)] = []
  ) throws -> PreparedClustering<Self> {
    try prepared(
      settings, of: cells, clusters: clusters, seed: seed, stepSize: max(1, settings.batchSize),
      change: { $0 }, rule: { StabilityRule(share: 0) },
      provenance: {
        [("start", .string(settings.start.rawValue))] + Self.provenance(of: $0) + provenance
      }, model: { Self($0, clusters: clusters) })
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
    settings = FirstPartitionClustering(lossesOf: run)
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

extension DCCA: CodingModel, ModelKind, ShapedModel, StepModel, FirstPartitionModel
where S == Float {
  package typealias Recipe = FirstPartitionRecipe<Self>
  package static var isVariational: Bool { true }

  package static var stored: [StoredSetting<Configuration>] { [.choice("codes", \.codes)] }

  package static func provenance(of shape: Configuration) -> [(String, JSONValue)] {
    [("codes", .string(shape.codes.rawValue))]
  }
}

extension ScMCs: CodingModel, ModelKind, ShapedModel, StepModel, FirstPartitionModel
where S == Float {
  package typealias Recipe = ScMCsRecipe

  package static var stored: [StoredSetting<Configuration>] {
    [.number("rna_share", \.rnaShare), .number("second_share", \.secondShare)]
  }
}

extension ScMVAE: CodingModel, ModelKind, ShapedModel, StepModel, FirstPartitionModel
where S == Float {
  package typealias Recipe = FirstPartitionRecipe<Self>
  package static var isVariational: Bool { true }
}
