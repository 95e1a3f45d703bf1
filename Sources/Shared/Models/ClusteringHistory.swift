import Autodiff
import NeuralNetworks
import Tensors

/// The states that the clustering loop has seen.
struct ClusteringHistory {
  var last: ClusteringState
  var best: ClusteringState
  /// Runs of the filter since the best.
  var staleCount = 0
  /// 1 for every cell that the last state trusts. (N)
  var reliable = Buffer<UInt8>(repeating: 0, count: 0)
  var addedEdges = 0
  var curve: [LossTerms] = []
  /// The score that makes a state better than those before it, whatever theirs; nil where it must be higher than theirs.
  var floor: Double?
  /// Nil until the start is known.
  var watch: CollapseWatch?
  /// The first that was seen.
  private(set) var collapse: Collapse?
  /// All that were last, the start first; nil where they are not kept.
  var course: [ClusteringState]?

  init(state: ClusteringState, keepsCourse: Bool) {
    last = state
    best = state
    course = keepsCourse ? [state] : nil
  }

  mutating func append(_ state: ClusteringState) {
    last = state
    course?.append(state)
    staleCount += 1
    if let found = watch?.collapse(in: state.filter.assignment, after: state.epoch) {
      collapse = collapse ?? found
    } else {
      offer(state)
    }
  }

  mutating func offer(_ state: ClusteringState) {
    guard floor.map({ state.score >= $0 }) ?? (state.score > best.score) else { return }
    best = state
    staleCount = 0
  }
}

extension ClusteringHistory {
  /// The history in a stored training, but for what follows from it: the graph's edges, the trusted cells and the losses.
  ///
  /// - Parameter first: any state of the same model and cells.
  /// - Throws: `ResumptionFault` where it is not that of such a training.
  init(
    _ state: TrainingState<Float>, like first: ClusteringState, watch: CollapseWatch?,
    clusters: Int
  ) throws(ResumptionFault) {
    last = try ClusteringState(state, "last", like: first, clusters: clusters)
    best = try ClusteringState(state, "best", like: first, clusters: clusters)
    staleCount = try state.integers("stale", count: 1, in: 0..<Int(Int32.max))[0]
    collapse = try Collapse.stored(in: state, cells: first.latent.rows)
    self.watch = watch
    guard state.numbers["course"] != nil else { return }
    let length = try state.integers("course", count: 1, in: 0..<Int(Int32.max))[0]
    var states: [ClusteringState] = []
    for number in 0..<length {
      states.append(
        try ClusteringState(state, "course.\(number)", like: first, clusters: clusters))
    }
    course = states
  }

  /// Puts the history into a stored training.
  func store(in state: inout TrainingState<Float>) {
    last.store(in: &state, "last")
    best.store(in: &state, "best")
    state.numbers["stale"] = [Double(staleCount)]
    collapse?.store(in: &state)
    guard let course else { return }
    state.numbers["course"] = [Double(course.count)]
    for (number, earlier) in course.enumerated() {
      earlier.store(in: &state, "course.\(number)")
    }
  }
}

extension ClusteringState {
  /// The state of that name in a stored training.
  ///
  /// - Throws: `ResumptionFault` where it is not one of the same model and cells as `first`.
  fileprivate init(
    _ state: TrainingState<Float>, _ name: String, like first: ClusteringState, clusters: Int
  ) throws(ResumptionFault) {
    let count = first.latent.rows
    let whole = try state.integers("\(name).counts", count: 2, in: 0..<Int.max)
    let scores = try state.values("\(name).scores", count: 2)
    let codes = try state.integers(
      "\(name).reliability", count: count, in: 0..<Reliability.allCases.count)
    let filter = FilterResult(
      reliability: codes.map { Reliability.allCases[$0] },
      assignment: try state.integers("\(name).assignment", count: count, in: 0..<clusters),
      margin: scores[0])
    self.init(
      epoch: whole[0], filter: filter,
      confidence: try state.values("\(name).confidence", count: count).map { Float($0) },
      latent: try state.matrix("\(name).latent", rows: count, columns: first.latent.columns),
      score: scores[1], addedEdges: whole[1],
      weights: try state.matrix(
        "\(name).weights", rows: first.weights.rows, columns: first.weights.columns))
  }

  fileprivate func store(in state: inout TrainingState<Float>, _ name: String) {
    state.numbers["\(name).counts"] = [Double(epoch), Double(addedEdges)]
    state.numbers["\(name).scores"] = [filter.margin, score]
    state.numbers["\(name).reliability"] = filter.reliability.map { Double($0.rawValue) }
    state.numbers["\(name).assignment"] = filter.assignment.map { Double($0) }
    state.numbers["\(name).confidence"] = confidence.map { Double($0) }
    state.matrices["\(name).latent"] = latent
    state.matrices["\(name).weights"] = weights
  }
}
