import CellData
import Models
import StageSupport
import Tensors
import Training

/// How sc-cluster trains a stored model with clusters: its settings (a preset with the user's
/// options over it), and how cells become its steps.
package protocol ClusteringRecipe: Sendable {
  associatedtype Model: CodingModel & SendableMetatype where Model.S == Float

  /// The recipe of a run, as far as it shapes the losses; steps on all cells where the model over
  /// a graph can take them.
  init(of run: ClusteringRun)

  /// What the training holds at its peak.
  var extent: TrainingExtent { get }

  /// Prepares the stored model of the cells.
  ///
  /// - Throws: `ModelStageFault` where the data lack something, `ModelFault` where the weights make
  ///   no model of these data.
  func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int) throws
    -> PreparedClustering<Model>
}

extension ClusteringRecipe {
  /// What the training makes of the memory.
  package func memory(for cells: CellData, learners: Int? = nil, _ stage: Stage) -> TrainingMemory {
    var extent = extent
    extent.learners = learners
    extent.seeBatches(of: Model.name, in: cells)
    return TrainingMemory(cells.extent, extent, within: stage.memoryLimit, isRead: true)
  }
}

/// A stored model with the cells that it is to cluster.
package struct PreparedClustering<Model: CodingModel & SendableMetatype>
where Model.S == Float {
  /// Makes a training of the stored weights; of a grid that of trial `number`.
  let training: @Sendable (_ number: Int) throws -> GuardedTraining<Model>
  /// The trials of a grid; nil without one.
  var trials: Int?
  /// Finds the first partition, from the pretrained codes. (N, D)
  let start: (_ codes: Matrix<Float>) throws -> StartingPartition
  /// A, for a criterion by modularity. (N, N)
  let adjacency: SparseMatrix<Float>?
  /// What the provenance notes, before the training.
  let settings: [(String, JSONValue)]
  /// What users should know of the input.
  var notes: [String] = []
  /// What is reported of the rule after the training, from the settings that it used; of a grid
  /// those of that trial.
  let remarks:
    (ClusteringOutcome, _ used: [(name: String, value: Double)], _ trial: Int)
      -> RuleRemarks
  /// Stores what weights do not show by their shapes.
  var annotate: (inout CellData) -> Void = { _ in }
  /// Finds two clusterings in place of one; nil where there is one.
  var division: Division?
}

/// How two clusterings of the same cells are found.
struct Division {
  /// How many clusters both have.
  let clusters: [Int]
  /// Divides the cells by their codes. (N, D)
  let divide:
    (_ codes: Matrix<Float>, _ report: (EpochReport) throws -> Void) throws ->
      TwoClusterings
}

/// What is reported of a rule after a training.
package struct RuleRemarks {
  /// When the training counts as converged: "the labels are stable".
  package var goal: String
  /// "ε 0.3, k 4; 12 edges added to the graph"
  package var summary: String?
  package var warnings: [String] = []
  /// What the provenance notes of what was found.
  package var settings: [(String, JSONValue)] = []
}

/// What a training with clusters found, with the remarks on it.
package struct ModelClustering {
  package let model: String
  package let outcome: ClusteringOutcome
  package let schedule: ClusteringSchedule
  /// Whether the codes of a cell show its cluster.
  package let codesShowClusters: Bool
  /// What states were compared by; nil without a criterion.
  package let criterion: String?
  package let remarks: RuleRemarks
  /// What the provenance notes.
  package let settings: [(String, JSONValue)]
  /// The trials of a grid.
  package let trials: [GridTrial]
  /// Two clusterings that stand in place of the outcome's; nil where there is one.
  package let division: TwoClusterings?
  /// The codes (N, D) of cells, and their clusters. The model need not have learned from these
  /// cells. The clusters are nil if the first partition is the result.
  package let assign: (CellData) throws -> (codes: Matrix<Float>, labels: [Int]?)
}

extension CellData {
  /// Trains a stored model with clusters; stores weights, losses, snapshots, the table of a grid
  /// and obsm/X_latent.
  ///
  /// - Parameter open: opens the checkpoints once the settings are known.
  package mutating func cluster<Recipe: ClusteringRecipe>(
    by recipe: Recipe, _ clusters: Int, _ stage: Stage,
    _ open: (_ settings: [(String, JSONValue)]) throws -> Checkpoints
  ) throws -> ModelClustering {
    let memory = recipe.memory(for: self, stage)
    let prepared = try recipe.prepared(
      for: self, clusters: clusters, seed: stage.seed, productBytes: memory.productBytes)
    for note in prepared.notes { stage.log.note(note) }
    let checkpoints = try open(prepared.settings)
    var criterion: PartitionCriterion?
    let cellCount = cellCount
    let begin = { (codes: Matrix<Float>) in
      let found = try checkpoints.keeping("start") { try prepared.start(codes).state }
      let start = try StartingPartition(
        found, cells: cellCount, adjacency: prepared.adjacency, clusters: clusters)
      criterion = start.criterion
      stage.announce(start)
      return start
    }
    let name = Recipe.Model.name
    let training: GuardedTraining<Recipe.Model>
    let outcome: ClusteringOutcome
    var (number, trials) = (0, [GridTrial]())
    if let count = prepared.trials {
      let found = try searchGrid(prepared, count, from: begin, width: memory.models, stage)
      (number, trials, outcome) = (found.number, found.trials, found.best)
      training = try prepared.training(number)
      try training.model.load(found.weights)
      storeGrid(trials, of: name)
    } else {
      training = try prepared.training(0)
      outcome = try checkpoints.training { resumption in
        try training.run(from: begin, resumption: resumption) { stage.announce($0, "cluster") }
      }
    }
    let division = try prepared.division.map { division in
      let found = try checkpoints.keeping("division") {
        try division.divide(outcome.latent) { stage.announce($0, "divide") }.state
      }
      return try TwoClusterings(found, cells: cellCount, clusters: division.clusters)
    }
    try checkpoints.finishTraining()
    prepared.annotate(&self)
    store(training.model.weights, of: name)
    store(outcome.curve, of: name, phase: "cluster")
    store(outcome.snapshots, of: name)
    obsm["X_latent"] = outcome.latent
    let remarks = prepared.remarks(
      outcome, trials.isEmpty ? training.rule.settings : trials[number].settings, number)
    return ModelClustering(
      model: name, outcome: outcome, schedule: training.schedule,
      codesShowClusters: Recipe.Model.codesShowClusters, criterion: criterion?.name,
      remarks: remarks, settings: prepared.settings + remarks.settings, trials: trials,
      division: division,
      assign: { cells in
        let codes = try training.model.codes(of: cells, productBytes: memory.productBytes)
        let isOfCenters = outcome.keptEpoch > 0 && Recipe.Model.codesShowClusters
        return (codes, isOfCenters ? training.model.assignment(of: codes).labels : nil)
      })
  }
}
