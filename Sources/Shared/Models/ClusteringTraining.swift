import Autodiff
import Neighbors
import NeuralNetworks
import Tensors

/// The graph over which the encoder computes the codes.
package enum EncodingGraph: String, Sendable, CaseIterable {
  /// A (Algorithm 1, line 8): the stored graph gives the codes again.
  case input
  /// A with the edges of T: what the published program does.
  case transformed
}

/// The settings of the clustering loop; the defaults are the paper's where it gives one.
package struct ClusteringSchedule: Sendable, Equatable {
  package var filter = ReliabilityFilter()
  /// Which settings of the filter the start sets.
  package var calibration = FilterCalibration()
  package var learningRate = 5e-4
  package var batches = BatchPlan()
  /// γ: the weight of the pseudo-supervised loss.
  package var gamma = 1.5
  package var epochs = 200
  package var minimumEpochs = 8
  /// Epochs between two runs of the filter and the transform.
  package var updateInterval = 8
  /// Training ends when more than this share of the cells is reliable.
  package var reliableShare = 0.8
  /// T changes the graph that the codes explain in any case; and this one if it says so.
  package var encodesOver = EncodingGraph.input
  /// Whether the centers stay where they are.
  package var freezesCenters = false
  /// Which state gives the result; with `best`, training also ends after `patience` runs of the filter without a better one.
  package var keeps = KeptState.best
  package var patience = 6
  /// Whether the outcome has the course of the training: the model after every run of the filter.
  package var keepsCourse = false

  package init() {}
}

/// What the clustering loop found.
package struct ClusteringOutcome: Sendable {
  /// The cluster of every cell: argmax_j p_ij, or, where the start was kept, the first partition. (N)
  package let labels: [Int]
  /// p of that cluster. (N)
  package let confidence: [Float]
  package let filter: FilterResult
  /// The filter that was used: that of the schedule, or with settings from the start.
  package let usedFilter: ReliabilityFilter
  /// Z. (N, D)
  package let latent: Matrix<Float>
  package let curve: [LossTerms]
  /// The edges that the last transform before it added.
  package let addedEdges: Int
  /// Whether training ended because more cells than the schedule's share are reliable.
  package let isConverged: Bool
  /// The epochs after which the result stood; 0 is the start.
  package let keptEpoch: Int
  /// The score of the result, and of the last epoch, by the judge of the start.
  package let score: Double
  package let lastScore: Double
  /// The first collapse that was seen; with `best` training ended there.
  package let collapse: Collapse?
  /// The model after every run of the filter, from the start, where the schedule asks for it.
  package let course: [CourseState]
}

/// Trains a pretrained model with clusters (Algorithm 1, lines 5–15), from a first partition of the cells.
package struct ClusteringLoop<Model: GraphModel> where Model.S == Float {
  let model: Model
  let data: ModelData<Float>
  /// A: binary, each cell its own neighbor. (N, N)
  let adjacency: SparseMatrix<Float>
  let schedule: ClusteringSchedule

  package init(
    _ model: Model, on data: ModelData<Float>, adjacency: SparseMatrix<Float>,
    schedule: ClusteringSchedule
  ) {
    self.model = model
    self.data = data
    self.adjacency = adjacency
    self.schedule = schedule
  }

  /// Runs until more than 80 % of the cells are reliable, or the epochs are over, or no state has been better for a while, or,
  /// with `best`, the clusters have collapsed.
  ///
  /// - Parameter start: gives the first partition, and what states are judged by, from the pretrained codes (N, D): the centers begin
  ///   at the means of its codes. It is asked by a run that is taken up again too, so it must give the same again.
  /// - Parameter resumption: where an earlier run ended, from which the same steps follow as if it had gone on, and who is offered the states.
  /// - Throws: `ModelFault` where a loss is not finite, `NeighborsFault`, and whatever `start`, `resumption` and `report` throw.
  package func run(
    from start: (_ codes: Matrix<Float>) throws -> StartingPartition,
    resumption: Resumption<Float> = .none, report: (EpochReport) throws -> Void = { _ in }
  ) throws -> ClusteringOutcome {
    guard let centers = model.centers else { preconditionFailure("a model without clusters") }
    let place = model.parameters.weights(of: centers)
    var batches = Batches(
      data, over: graph(adjacency), reach: model.reachOfInput, plan: schedule.batches)
    let codes = batches.codes(of: model)
    let start = try start(codes)
    place.copy(from: clusterMeans(of: codes, start.labels, clusters: centers.rows))
    let judge = try judge(start, codes, place)
    var history = ClusteringHistory(
      state: try state(after: 0, over: batches, edges: 0, judge), keepsCourse: schedule.keepsCourse)
    history.watch = CollapseWatch(start.labels, history.last.filter.assignment)
    history.offer(try beginning(start, history.last))
    history.floor = judge.partitions.floor
    let tape = Tape(model.parameters)
    let adam = Adam<Float>(
      weightCount: model.parameters.count, learningRate: schedule.learningRate)
    var begun = EpochProgress()
    if let state = resumption.state {
      history = try ClusteringHistory(
        state, like: history.last, watch: history.watch, clusters: centers.rows)
      history.floor = judge.partitions.floor
      model.parameters.weights.copy(from: history.last.weights)
      transformGraph(of: &batches, &history, place)
      (history.curve, begun) = try state.restore(
        model.parameters, adam, epochs: schedule.epochs)
    }
    for epoch in stride(from: history.curve.count + 1, through: schedule.epochs, by: 1) {
      let started = monotonicSeconds()
      if (epoch - 1) % schedule.updateInterval == 0 && begun.stepsDone == 0 {
        if epoch > 1 {
          history.append(
            try state(after: epoch - 1, over: batches, edges: history.addedEdges, judge))
        }
        if isOver(history, before: epoch) { break }
        transformGraph(of: &batches, &history, place)
      }
      let loss = try self.epoch(epoch, from: begun, over: batches, history, adam, tape, resumption)
      begun = EpochProgress()
      history.curve.append(loss)
      try report(
        EpochReport(
          epoch: epoch, epochs: schedule.epochs, loss: loss,
          reliableCount: history.last.filter.reliableCount,
          seconds: monotonicSeconds() - started))
    }
    if history.last.epoch < history.curve.count {
      history.append(
        try state(after: history.curve.count, over: batches, edges: history.addedEdges, judge))
    }
    return outcome(of: history, judge.filter)
  }

  /// Puts the graph that T of the last state gives in the place of the one before; the centers stand in their place.
  private func transformGraph(
    of batches: inout Batches<Float>, _ history: inout ClusteringHistory, _ centers: Window<Float>
  ) {
    let changed = transformed(
      adjacency, codes: history.last.latent, centers: centers.matrix(),
      filter: history.last.filter)
    history.addedEdges = changed.addedCount
    history.reliable = Buffer(history.last.filter.reliability.map { $0 == .reliable ? 1 : 0 })
    switch schedule.encodesOver {
    case .input: batches.change(target: changed.adjacency)
    case .transformed: batches.change(to: graph(changed.adjacency))
    }
  }

  private func graph(_ adjacency: SparseMatrix<Float>) -> ModelGraph<Float> {
    ModelGraph(adjacency: adjacency, normalized: normalizedAdjacency(adjacency))
  }

  /// What states are judged by: the start's judge, and the filter, some of whose settings may come from the start too.
  private func judge(
    _ start: StartingPartition, _ codes: Matrix<Float>, _ centers: Window<Float>
  ) throws -> StateJudge {
    let soft = softAssignment(of: Window(reading: codes), to: centers)
    return StateJudge(
      partitions: start.judge,
      filter: try schedule.filter.calibrated(
        schedule.calibration, codes: codes, softAssignment: soft))
  }

  /// Z, p and F(Z, p) of the model as it is now.
  private func state(
    after epoch: Int, over batches: Batches<Float>, edges: Int, _ judge: StateJudge
  ) throws -> ClusteringState {
    guard let centers = model.centers else { preconditionFailure("a model without clusters") }
    let codes = batches.codes(of: model)
    let soft = softAssignment(
      of: Window(reading: codes), to: model.parameters.weights(of: centers))
    let filter = try judge.filter(codes: codes, softAssignment: soft)
    return ClusteringState(
      epoch: epoch, filter: filter,
      confidence: filter.assignment.enumerated().map { soft[$0.offset, $0.element] },
      latent: codes,
      score: try judge.partitions.score(filter.assignment), addedEdges: edges,
      weights: model.parameters.weights.matrix())
  }

  /// The first partition itself, with the codes and centers of the start.
  private func beginning(_ start: StartingPartition, _ state: ClusteringState)
    throws -> ClusteringState
  {
    guard let centers = model.centers else { preconditionFailure("a model without clusters") }
    let soft = softAssignment(
      of: Window(reading: state.latent), to: model.parameters.weights(of: centers))
    return ClusteringState(
      epoch: 0, filter: state.filter.judging(start.labels),
      confidence: start.labels.enumerated().map { soft[$0.offset, $0.element] },
      latent: state.latent,
      score: start.score, addedEdges: 0,
      weights: state.weights)
  }

  private func isConverged(_ state: ClusteringState) -> Bool {
    Double(state.filter.reliableCount) > schedule.reliableShare * Double(data.cellCount)
  }

  private func isOver(_ history: ClusteringHistory, before epoch: Int) -> Bool {
    if schedule.keeps == .best && history.collapse != nil { return true }
    if epoch <= schedule.minimumEpochs { return false }
    return isConverged(history.last)
      || (schedule.keeps == .best && history.staleCount >= schedule.patience)
  }

  private func epoch(
    _ epoch: Int, from begun: EpochProgress, over batches: Batches<Float>,
    _ history: ClusteringHistory, _ adam: Adam<Float>, _ tape: Tape<Float>,
    _ resumption: Resumption<Float>
  ) throws -> LossTerms {
    let pace = TrainingSchedule(epochs: schedule.epochs, learningRate: schedule.learningRate)
    let reliable = history.reliable
    let loss = try train(batches, epoch: epoch, from: begun, pace, with: adam) { cells, number in
      model.clusteringLoss(
        batches.batch(cells, step: number, on: tape),
        reliable: cells.map { Buffer($0.map { reliable[Int($0)] }) } ?? reliable,
        gamma: schedule.gamma, freezingCenters: schedule.freezesCenters, on: tape)
    } update: { progress, moment in
      adam.update(model.parameters)
      try resumption.offer(moment) {
        var state = TrainingState(model.parameters, adam, history.curve, progress)
        history.store(in: &state)
        return state
      }
    }
    guard loss.total.isFinite else {
      throw ModelFault.diverged(stage: "clustering", epoch: epoch, loss: loss)
    }
    return loss
  }

  private func outcome(of history: ClusteringHistory, _ filter: ReliabilityFilter)
    -> ClusteringOutcome
  {
    let kept = schedule.keeps == .best ? history.best : history.last
    let course = history.course?.map { CourseState($0, of: model) } ?? []
    model.parameters.weights.copy(from: kept.weights)
    return ClusteringOutcome(
      labels: kept.filter.assignment, confidence: kept.confidence, filter: kept.filter,
      usedFilter: filter, latent: kept.latent, curve: history.curve,
      addedEdges: kept.addedEdges, isConverged: isConverged(history.last),
      keptEpoch: kept.epoch, score: kept.score, lastScore: history.last.score,
      collapse: history.collapse, course: course)
  }
}

/// The means of the codes (N, D) of every cluster; a cluster without cells gets the mean of all. (J, D)
package func clusterMeans(of codes: Matrix<Float>, _ labels: [Int], clusters: Int)
  -> Matrix<Float>
{
  precondition(labels.count == codes.rows, "\(labels.count) labels for \(codes.rows) cells")
  let d = codes.columns
  var sums = [[Double]](repeating: [Double](repeating: 0, count: d), count: clusters + 1)
  var counts = [Int](repeating: 0, count: clusters + 1)
  for (i, label) in labels.enumerated() {
    for j in [label, clusters] {
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
