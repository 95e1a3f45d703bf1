import CellData
import Models
import StageSupport
import Tensors
import Training

extension PreparedClustering where Model.Source == PairedSteps<Float> {
  /// Prepares a model that needs no graph of the cells. It begins as `settings` say, and ends with
  /// stable labels.
  ///
  /// - Parameters:
  ///   - stepSize: how many cells are in a step.
  ///   - schedule: nil: that of the settings.
  ///   - stored: the weights that it begins with.
  ///   - model: makes a model of their shape.
  /// - Throws: `ModelStageFault` where spectral clustering has no graph, and `ModelFault` where the
  ///   weights are of another shape.
  init(
    _ settings: some ClusteringSettings, of cells: CellData, _ input: PairedInput, clusters: Int,
    seed: UInt64, stepSize: Int, schedule: ClusteringSchedule? = nil,
    rule: @escaping @Sendable () -> any ClusteringRule<Model.Source>,
    provenance: [(String, JSONValue)], annotate: @escaping (inout CellData) -> Void,
    stored: ModelWeights, model: @escaping @Sendable () -> Model
  ) throws {
    try model().load(stored)
    let graph = try input.startingGraph(settings.start, of: cells)
    let others = cells.furtherCodes
    let (data, schedule, filter) = (input.data, schedule ?? settings.schedule, settings.plan.filter)
    self.init(
      training: { _ in
        let model = model()
        try model.load(stored)
        return GuardedTraining(
          model, on: PairedSteps(data, size: stepSize, seed: seed), rule: rule(),
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
  /// Prepares a model over a graph of the cells, with the codes of all models that were trained.
  ///
  /// - Parameter remarks: nil: of a training that ends with stable labels, which `filter` assesses.
  package init(
    _ start: StartMethod, over adjacency: SparseMatrix<Float>, of cells: CellData, clusters: Int,
    seed: UInt64, trials: Int? = nil, provenance: [(String, JSONValue)],
    filter: CalibratedFilter? = nil,
    remarks: (
      (ClusteringOutcome, _ used: [(name: String, value: Double)], _ trial: Int) -> RuleRemarks
    )? = nil,
    training: @escaping @Sendable (_ number: Int) throws -> GuardedTraining<Model>
  ) {
    let others = cells.furtherCodes
    self.init(
      training: training, trials: trials,
      start: { codes in
        try StartingPartition(
          start, adjacency: adjacency, codes: codes, others: others, clusters: clusters,
          seed: seed)
      }, adjacency: adjacency, settings: provenance,
      remarks: remarks ?? { outcome, used, _ in .stableLabels(filter, outcome, used: used) })
  }
}
