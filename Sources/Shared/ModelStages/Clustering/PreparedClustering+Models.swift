import CellData
import Models
import StageSupport
import Tensors
import Training

extension PreparedClustering where Model.Source == PairedSteps<Float> {
  /// Of a model that needs no graph of the cells: it begins as `settings` say, and ends with stable
  /// labels.
  ///
  /// - Parameters:
  ///   - stepSize: how many cells are in a step.
  ///   - schedule: nil: that of the settings.
  ///   - model: makes a model of the stored weights.
  /// - Throws: `ModelStageFault` where spectral clustering has no graph, and what `model` throws.
  init(
    _ settings: some ClusteringSettings, of cells: CellData, _ input: PairedInput, clusters: Int,
    seed: UInt64, stepSize: Int, schedule: ClusteringSchedule? = nil,
    rule: @escaping @Sendable () -> any ClusteringRule<Model.Source>,
    provenance: [(String, JSONValue)], annotate: @escaping (inout CellData) -> Void,
    model: @escaping @Sendable () throws -> Model
  ) throws {
    _ = try model()
    let graph = try input.startingGraph(settings.start, of: cells)
    let others = cells.furtherCodes
    let (data, schedule, filter) = (input.data, schedule ?? settings.schedule, settings.plan.filter)
    self.init(
      training: { _ in
        GuardedTraining(
          try model(), on: PairedSteps(data, size: stepSize, seed: seed), rule: rule(),
          schedule: schedule)
      },
      start: { codes in
        try StartingPartition(
          settings.start, graph: graph, codes: codes, others: others, clusters: clusters,
          isScored: settings.schedule.keeps == .best, seed: seed)
      }, adjacency: graph, settings: provenance,
      remarks: { outcome, used, _ in .stableLabels(filter, outcome, used: used) },
      annotate: annotate)
  }
}

extension PreparedClustering {
  /// Of a model over a graph of the cells, with the codes of all models that were trained.
  init(
    _ start: StartMethod, over adjacency: SparseMatrix<Float>, of cells: CellData, clusters: Int,
    seed: UInt64, trials: Int? = nil, provenance: [(String, JSONValue)],
    remarks:
      @escaping (ClusteringOutcome, _ used: [(name: String, value: Double)], _ trial: Int)
      -> RuleRemarks,
    training: @escaping @Sendable (_ number: Int) throws -> GuardedTraining<Model>
  ) {
    let others = cells.furtherCodes
    self.init(
      training: training, trials: trials,
      start: { codes in
        try StartingPartition(
          start, adjacency: adjacency, codes: codes, others: others, clusters: clusters,
          seed: seed)
      }, adjacency: adjacency, settings: provenance, remarks: remarks)
  }
}
