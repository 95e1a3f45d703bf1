// A search over settings without labels. Every combination is tried from the same start, and the
// best state by the criterion of that start is the result. A trial depends only on its settings, so
// the order in which trials end changes nothing.

import Synchronization
import Tensors

/// One combination of settings, and its result.
package struct GridTrial: Sendable {
  /// The settings in use by the rule of the trial.
  package let settings: [(name: String, value: Double)]
  /// The score of the kept state, by the criterion of the start.
  package let score: Double?
  /// The number of epochs before the kept state; 0 is the start.
  package let keptEpoch: Int
  /// All epochs of the trial.
  package let epochs: Int
  /// The cells that a filter trusts in that state.
  package let reliableCount: Int?
  /// Whether its clusters collapsed.
  package let isCollapsed: Bool
}

/// What a grid found.
package struct GridOutcome: Sendable {
  /// The number of the best trial, the first of equals.
  package let number: Int
  /// The outcome of the best trial.
  package let best: ClusteringOutcome
  /// The weights of its kept state, including the centers.
  package let weights: ModelWeights
  package let trials: [GridTrial]
}

/// Trials of training with clusters from one start.
package struct ClusteringGrid<Model: TrainableModel & SendableMetatype>: Sendable
where Model.S == Float {
  package let count: Int
  /// Makes the training of a trial, with the pretrained weights.
  let training: @Sendable (_ trial: Int) throws -> GuardedTraining<Model>

  package init(
    count: Int, training: @escaping @Sendable (_ trial: Int) throws -> GuardedTraining<Model>
  ) {
    self.count = count
    self.training = training
  }

  /// Trains the first, whose start is that of all, then the others, up to `width` at a time.
  ///
  /// - Parameters:
  ///   - start: as in `GuardedTraining`; called once.
  ///   - report: receives the number of the trial with each of its epochs, from any thread.
  /// - Throws: the errors of `GuardedTraining`, and of making a training.
  package func run(
    width: Int, from start: (_ codes: Matrix<Float>) throws -> StartingPartition,
    report: @escaping @Sendable (_ trial: Int, EpochReport) throws -> Void
  ) throws -> GridOutcome {
    var common: StartingPartition?
    let first = try trial(0, report) { codes in
      let found = try start(codes)
      common = found
      return found
    }
    guard let start = common else { preconditionFailure("a training that asked for no start") }
    let best = Mutex(first)
    let others = try sideBySide(count - 1, width: width) { place in
      let done = try trial(place + 1, report) { _ in start }
      best.withLock { $0.yield(to: done) }
      return done.description
    }
    let winner = best.withLock { $0 }
    return GridOutcome(
      number: winner.number, best: winner.outcome, weights: winner.weights,
      trials: [first.description] + others)
  }

  private func trial(
    _ number: Int, _ report: (Int, EpochReport) throws -> Void,
    from start: (Matrix<Float>) throws -> StartingPartition
  ) throws -> Candidate {
    let training = try training(number)
    let outcome = try training.run(from: start) { try report(number, $0) }
    return Candidate(
      number: number, outcome: outcome, weights: training.model.weights,
      settings: training.rule.settings)
  }
}

/// The best of the completed trials: only its weights are held.
private struct Candidate: Sendable {
  var number: Int
  var outcome: ClusteringOutcome
  var weights: ModelWeights
  var settings: [(name: String, value: Double)]

  /// Becomes the other if that has a higher score, or the same score and a lower number.
  mutating func yield(to other: Candidate) {
    let (own, rival) = (outcome.score ?? 0, other.outcome.score ?? 0)
    if rival > own || rival == own && other.number < number { self = other }
  }

  var description: GridTrial {
    GridTrial(
      settings: settings, score: outcome.score, keptEpoch: outcome.keptEpoch,
      epochs: outcome.curve.count, reliableCount: outcome.kept.filter?.reliableCount,
      isCollapsed: outcome.collapse != nil)
  }
}
