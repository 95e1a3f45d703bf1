import Autodiff
import NeuralNetworks
import Tensors

/// How long and how fast to train with clusters, and which state is the result.
package struct ClusteringSchedule: Sendable, Equatable {
  /// The largest number of epochs; 0: the start is the result.
  package var epochs = 200
  package var optimizer = OptimizerKind.adam()
  package var learningRate = 5e-4
  /// The number of epochs from one compared state to the next.
  package var interval = 1
  /// Training lasts at least this many epochs, unless the clusters collapse.
  package var minimumEpochs = 0
  /// With `best`, training also ends after `patience` states without a better one.
  package var keeps = KeptState.best
  package var patience = 6
  /// Whether the outcome includes the snapshots of the training: the model at every state.
  package var keepsSnapshots = false

  package init() {}
}

/// The outcome of a training with clusters.
package struct ClusteringOutcome: Sendable {
  /// The state that is the result.
  package let kept: ClusteringState
  /// The state after the last epoch.
  package let last: ClusteringState
  package let curve: [LossTerms]
  /// Whether the model's rule ended the training.
  package let isConverged: Bool
  /// The first partition. (N)
  package let start: [Int]
  /// The first collapse, if any; with `best` training ended there.
  package let collapse: Collapse?
  /// The model at every state, from the start, if the schedule asks for it.
  package let snapshots: [TrainingSnapshot]

  /// The cluster of every cell. (N)
  package var labels: [Int] { kept.labels }
  package var latent: Matrix<Float> { kept.latent }
  package var keptEpoch: Int { kept.epoch }
  package var score: Double? { kept.score }
  package var lastScore: Double? { last.score }
}

/// Trains a pretrained model with clusters from a first partition, guarded by a criterion that
/// needs no labels.
package struct GuardedTraining<Model: TrainableModel> where Model.S == Float {
  package let model: Model
  package let source: Model.Source
  package let rule: any ClusteringRule<Model.Source>
  package let schedule: ClusteringSchedule

  package init(
    _ model: Model, on source: Model.Source, rule: any ClusteringRule<Model.Source>,
    schedule: ClusteringSchedule
  ) {
    self.model = model
    self.source = source
    self.rule = rule
    self.schedule = schedule
  }

  /// Trains until the rule ends it, the epochs are done, or no state has been better for a while.
  /// With `best` it also ends if the clusters collapse.
  ///
  /// - Parameters:
  ///   - start: returns the first partition, and the criterion of states, from the pretrained codes
  ///     (N, D). The centers begin at the means of its codes. A resumed run calls it too, and it
  ///     must return the same.
  ///   - resumption: the state of an earlier run to resume from, and the receiver of this run's
  ///     states.
  /// - Throws: `ModelFault` if a loss is not finite, and the errors of the rule, `start`,
  ///   `resumption` and `report`.
  package func run(
    from start: (_ codes: Matrix<Float>) throws -> StartingPartition,
    resumption: Resumption<Float> = .none, report: (EpochReport) throws -> Void = { _ in }
  ) throws -> ClusteringOutcome {
    let codes = model.codes(over: source)
    let start = try start(codes)
    let centers = model.centerValues
    centers.copy(
      from: clusterMeans(of: codes, start.labels, clusters: centers.rows, order: source.order))
    model.startClustering(over: source)
    try rule.begin(codes: codes, model.assignment(of: codes, over: source))
    let first = try state(after: 0, codes, start.criterion, before: nil)
    var history = ClusteringHistory(first, from: start, keepsSnapshots: schedule.keepsSnapshots)
    let loop = EpochLoop(
      model, source, schedule.optimizer,
      Pace(epochs: schedule.epochs, learningRate: schedule.learningRate), phase: "clustering")
    var resumed = EpochProgress()
    if let stored = resumption.state {
      try history.restore(stored, clusters: centers.rows)
      follow(history.last)
      (history.curve, resumed) = try stored.restore(
        model, loop.optimizer, epochs: schedule.epochs)
    } else if !isOver(history) {
      follow(history.last)
    }
    while history.curve.count < schedule.epochs && (resumed.stepsDone > 0 || !isOver(history)) {
      try epoch(from: &resumed, loop, &history, resumption, report)
      let done = history.curve.count
      if done % schedule.interval == 0 || done == schedule.epochs {
        history.append(
          try state(
            after: done, model.codes(over: source), start.criterion, before: history.last))
        if done < schedule.epochs && !isOver(history) { follow(history.last) }
      }
    }
    return outcome(of: history, start)
  }

  private func epoch(
    from resumed: inout EpochProgress, _ loop: EpochLoop<Model>,
    _ history: inout ClusteringHistory, _ resumption: Resumption<Float>,
    _ report: (EpochReport) throws -> Void
  ) throws {
    let (started, number, known) = (monotonicSeconds(), history.curve.count + 1, history)
    let loss = try loop.run(
      number, from: resumed, after: known.curve, resumption, store: known.store
    ) { model.clusteringStep($0, on: loop.tape) }
    resumed = EpochProgress()
    history.curve.append(loss)
    try report(
      EpochReport(
        epoch: number, epochs: schedule.epochs, loss: loss,
        reliableCount: history.last.filter?.reliableCount,
        seconds: monotonicSeconds() - started))
  }

  /// The present state of the model, with its codes (N, D).
  private func state(
    after epoch: Int, _ codes: Matrix<Float>, _ criterion: PartitionCriterion?,
    before: ClusteringState?
  ) throws -> ClusteringState {
    let assignment = model.assignment(of: codes, over: source)
    return ClusteringState(
      epoch: epoch, labels: assignment.labels,
      filter: try rule.filter(codes: codes, assignment),
      changed: before.map { before in
        Double(zip(assignment.labels, before.labels).count { $0 != $1 })
          / Double(max(1, assignment.labels.count))
      }, latent: codes, score: try criterion?.score(assignment.labels),
      addedEdges: rule.addedEdges, snapshot: model.snapshot())
  }

  private func follow(_ state: ClusteringState) {
    guard let centers = model.centers else { preconditionFailure("a model without clusters") }
    rule.follow(state, centers: state.snapshot.matrix(of: centers), over: source)
  }

  private func isOver(_ history: ClusteringHistory) -> Bool {
    let guards = schedule.keeps == .best && history.best.score != nil
    if guards && history.collapse != nil { return true }
    if history.curve.count < schedule.minimumEpochs { return false }
    // There is nothing new between two compared states.
    if history.last.epoch < history.curve.count { return false }
    return rule.isConverged(history.last) || (guards && history.staleCount >= schedule.patience)
  }

  private func outcome(of history: ClusteringHistory, _ start: StartingPartition)
    -> ClusteringOutcome
  {
    let keepsBest = schedule.keeps == .best && history.best.score != nil
    var kept = keepsBest ? history.best : history.last
    if schedule.epochs == 0 { kept = kept.with(labels: start.labels, score: start.score) }
    let snapshots = history.snapshots?.map { TrainingSnapshot($0, of: model) } ?? []
    model.restore(kept.snapshot)
    return ClusteringOutcome(
      kept: kept, last: history.last, curve: history.curve,
      isConverged: rule.isConverged(history.last), start: start.labels,
      collapse: history.collapse, snapshots: snapshots)
  }
}

/// The means of the codes (N, D) of every cluster; a cluster without cells gets the mean of all.
/// (J, D)
///
/// - Parameter order: the order in which the cells are added; nil: that of the rows.
package func clusterMeans(
  of codes: Matrix<Float>, _ labels: [Int], clusters: Int, order: [Int]? = nil
) -> Matrix<Float> {
  precondition(labels.count == codes.rows, "\(labels.count) labels for \(codes.rows) cells")
  let d = codes.columns
  var sums = [[Double]](repeating: [Double](repeating: 0, count: d), count: clusters + 1)
  var counts = [Int](repeating: 0, count: clusters + 1)
  for place in labels.indices {
    let i = order?[place] ?? place
    for j in [labels[i], clusters] {
      counts[j] += 1
      for c in 0..<d { sums[j][c] += Double(codes[i, c]) }
    }
  }
  return Matrix(
    (0..<clusters).map { j in
      let from = counts[j] > 0 ? j : clusters
      return sums[from].map { Float($0 / Double(max(1, counts[from]))) }
    })
}
