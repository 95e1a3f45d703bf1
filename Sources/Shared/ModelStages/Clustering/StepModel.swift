import CellData
import Models
import StageSupport
import Tensors
import Training

/// A model that learns from some cells at a time, and reads no graph of them. Its preparation for
/// sc-cluster, and the codes of further cells, follow from what it reads.
package protocol StepModel: ShapedModel where Source == PairedSteps<Float> {
  /// What it reads of the cells.
  ///
  /// - Parameter readsGraph: whether the graph is taken too where the data have one.
  /// - Throws: `ModelStageFault` naming what is missing.
  static func input(of cells: CellData, readsGraph: Bool) throws -> PairedInput

  /// Throws a `ModelStageFault` where a stored model of that shape is not one of these data.
  static func require(_ shape: Shape, of input: PairedInput) throws
}

extension StepModel {
  package static var readsGraph: Bool { false }

  package static func require(_ shape: Shape, of input: PairedInput) throws {
    try ModelStageFault.require(genes: shape.genes, of: input.data.rna.targetCount)
  }

  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    let input = try Self.input(of: cells, readsGraph: false)
      .encoding(configuration.encodedBatches, of: Self.name, in: cells)
    return codes(over: PairedSteps(input.data, size: 1, seed: 0))
  }

  /// Prepares the stored model of the cells.
  ///
  /// - Parameters:
  ///   - stepSize: how many cells are in a step.
  ///   - schedule: nil: that of the settings.
  ///   - change: the shape as it is trained, of the one that is stored.
  ///   - model: makes a model of that shape.
  /// - Throws: as `ClusteringRecipe.prepared`.
  static func prepared(
    _ settings: some ClusteringSettings, of cells: CellData, clusters: Int, seed: UInt64,
    stepSize: Int, schedule: ClusteringSchedule? = nil, change: (Shape) -> Shape,
    rule: @escaping @Sendable () -> any ClusteringRule<Source>,
    provenance: (Shape) -> [(String, JSONValue)],
    model: @escaping @Sendable (Shape) -> Self
  ) throws -> PreparedClustering<Self> {
    let stored = try cells.requiredWeights(of: name)
    let shape = change(try shape(in: cells))
    let input = try input(of: cells, readsGraph: settings.start.readsCodes)
      .seeingBatches(of: name, count: shape.batches, in: cells)
    try require(shape, of: input)
    return try PreparedClustering(
      settings, of: cells, input, clusters: clusters, seed: seed, stepSize: stepSize,
      schedule: schedule, rule: rule, provenance: provenance(shape),
      annotate: { store(shape, in: &$0) }, stored: stored, model: { model(shape) })
  }
}

/// How sc-cluster trains a model that reads no graph, until its labels are stable.
package protocol StepRecipe: ClusteringRecipe, StableClusteringSettings where Model: StepModel {
  /// A stored model as it is trained here.
  func shape(_ stored: Model.Shape) -> Model.Shape
  /// A model of that shape, without weights.
  func model(_ shape: Model.Shape, clusters: Int) -> Model
  /// What happens between epochs.
  func rule() -> any ClusteringRule<PairedSteps<Float>>
  /// The schedule, as far as there is something to train.
  var effectiveSchedule: ClusteringSchedule { get }
  /// What the provenance notes.
  func provenance(of shape: Model.Shape) -> [(String, JSONValue)]
}

extension StepRecipe {
  package func model(_ shape: Model.Shape, clusters: Int) -> Model {
    Model(shape, clusters: clusters)
  }
  package func rule() -> any ClusteringRule<PairedSteps<Float>> { stabilityRule() }
  package var effectiveSchedule: ClusteringSchedule { schedule }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<Model>
  {
    try Model.prepared(
      self, of: cells, clusters: clusters, seed: seed,
      stepSize: stepSize(cells: cells.cellCount), schedule: effectiveSchedule,
      change: { shape($0) }, rule: { rule() }, provenance: { provenance(of: $0) },
      model: { model($0, clusters: clusters) })
  }
}
