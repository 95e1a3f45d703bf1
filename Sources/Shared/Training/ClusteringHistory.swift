import Tensors

/// The states of a training with clusters so far.
struct ClusteringHistory {
  private(set) var last: ClusteringState
  private(set) var best: ClusteringState
  /// The number of states since the best.
  private(set) var staleCount = 0
  var curve: [LossTerms] = []
  /// A score that makes a state better than all before it, whatever their scores; nil if it must
  /// exceed theirs.
  let floor: Double?
  private let watch: CollapseWatch
  /// The first collapse, if any.
  private(set) var collapse: Collapse?
  /// All states that were last, the start first; nil if they are not kept.
  private(set) var snapshots: [ClusteringState]?

  /// - Parameters:
  ///   - first: the model's own clusters at the start.
  ///   - start: the first partition, which is the result if no state is better.
  init(
    _ first: ClusteringState, from start: StartingPartition, keepsSnapshots: Bool
  ) {
    let beginning = first.with(labels: start.labels, score: start.score)
    last = first
    best = first.isBetter(than: beginning) ? first : beginning
    floor = start.criterion?.floor
    watch = CollapseWatch(start.labels, first.labels)
    snapshots = keepsSnapshots ? [first] : nil
  }

  mutating func append(_ state: ClusteringState) {
    last = state
    snapshots?.append(state)
    staleCount += 1
    if let found = watch.collapse(in: state.labels, after: state.epoch) {
      collapse = collapse ?? found
    } else if isBetter(state) {
      best = state
      staleCount = 0
    }
  }

  private func isBetter(_ state: ClusteringState) -> Bool {
    guard let floor, let score = state.score else { return state.isBetter(than: best) }
    return score >= floor
  }

  /// Replaces the states by those of a stored training, but not the losses.
  ///
  /// - Throws: `ResumptionFault` if they are not of such a training.
  mutating func restore(_ state: TrainingState<Float>, clusters: Int) throws(ResumptionFault) {
    let first = last
    func stored(_ name: String) throws(ResumptionFault) -> ClusteringState {
      try ClusteringState(state, name, like: first, clusters: clusters)
    }
    last = try stored("last")
    best = try stored("best")
    staleCount = try state.integers("stale", count: 1, in: 0..<Int(Int32.max))[0]
    collapse = try Collapse.stored(in: state, cells: first.latent.rows)
    guard snapshots != nil || state.numbers["snapshots"] != nil else { return }
    let length = try state.integers("snapshots", count: 1, in: 0..<Int(Int32.max))[0]
    var states: [ClusteringState] = []
    for number in 0..<length { states.append(try stored("snapshots.\(number)")) }
    snapshots = states
  }

  func store(in state: inout TrainingState<Float>) {
    last.store(in: &state, "last")
    best.store(in: &state, "best")
    state.numbers["stale"] = [Double(staleCount)]
    collapse?.store(in: &state)
    guard let snapshots else { return }
    state.numbers["snapshots"] = [Double(snapshots.count)]
    for (number, earlier) in snapshots.enumerated() {
      earlier.store(in: &state, "snapshots.\(number)")
    }
  }
}
