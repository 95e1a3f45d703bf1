// The paper's search for ε and k, without its labels: every pair of them is tried from the same start, and the state that is best by the judge of that
// start is the result. A trial depends on nothing but its own settings, so that the order in which they end changes nothing.

import Synchronization
import Tensors

/// One pair of ε and k, and how far it came.
package struct GridTrial: Sendable {
  /// With the ε and k that were used.
  package let filter: ReliabilityFilter
  /// Whether ε and k were set from the data.
  package let isCalibrated: Bool
  /// Of the state that it kept, by the judge of the start.
  package let score: Double
  /// The epochs after which that state stood; 0 is the start.
  package let keptEpoch: Int
  /// All epochs of the trial.
  package let epochs: Int
  /// The cells that the filter trusts in that state.
  package let reliableCount: Int
  /// Whether its clusters collapsed.
  package let isCollapsed: Bool
}

/// What a grid found.
package struct GridOutcome: Sendable {
  /// Of the best trial, the first of equals.
  package let best: ClusteringOutcome
  /// The weights of the state that it kept, the centers among them.
  package let weights: ModelWeights
  /// Which of the filter's settings the data gave it.
  package let calibration: FilterCalibration
  package let trials: [GridTrial]
}

/// Trials of the clustering loop with different filters.
package struct ClusteringGrid<Model: GraphModel & SendableMetatype>: Sendable
where Model.S == Float {
  let data: ModelData<Float>
  let adjacency: SparseMatrix<Float>
  /// One for each trial.
  let schedules: [ClusteringSchedule]
  /// Makes the pretrained model again, for a trial.
  let model: @Sendable () throws -> Model

  /// Takes the settings that the trials have in common: those of `schedule`, whose own filter is the first where it is set from the data, then
  /// come the paper's: ε in {0.7, 0.75, 0.8, 0.85, 0.9}, k in {2, 4, 6, 8, 10}.
  package init(
    on data: ModelData<Float>, adjacency: SparseMatrix<Float>, schedule: ClusteringSchedule,
    model: @escaping @Sendable () throws -> Model
  ) {
    self.data = data
    self.adjacency = adjacency
    self.model = model
    let usesData = schedule.calibration.setsMargin || schedule.calibration.setsNeighbors
    schedules =
      (usesData ? [schedule] : [])
      + [0.7, 0.75, 0.8, 0.85, 0.9].flatMap { margin in
        [2, 4, 6, 8, 10].map { neighbors in
          var own = schedule
          (own.calibration.setsMargin, own.calibration.setsNeighbors) = (false, false)
          (own.filter.margin, own.filter.neighbors) = (margin, neighbors)
          return own
        }
      }
  }

  package var count: Int { schedules.count }

  /// Trains the first, whose start is that of all, then the others, up to `width` at a time.
  ///
  /// - Parameters:
  ///   - start: as of the clustering loop; asked once.
  ///   - report: told the number of the trial with each of its epochs, from any thread.
  /// - Throws: as the clustering loop, and what making a model throws.
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
    guard let begun = common else { preconditionFailure("a loop that asked for no start") }
    let best = Mutex(Candidate(number: 0, outcome: first.outcome, weights: first.weights))
    let others = try sideBySide(count - 1, width: width) { place in
      let done = try trial(place + 1, report) { _ in begun }
      best.withLock { $0.yield(to: done) }
      return describe(done)
    }
    let winner = best.withLock { $0 }
    return GridOutcome(
      best: winner.outcome, weights: winner.weights,
      calibration: schedules[winner.number].calibration, trials: [describe(first)] + others)
  }

  private func trial(
    _ number: Int, _ report: (Int, EpochReport) throws -> Void,
    from start: (Matrix<Float>) throws -> StartingPartition
  ) throws -> Candidate {
    let model = try model()
    let loop = ClusteringLoop(
      model, on: data, adjacency: adjacency, schedule: schedules[number])
    let outcome = try loop.run(from: start) { try report(number, $0) }
    return Candidate(number: number, outcome: outcome, weights: model.weights)
  }

  private func describe(_ trial: Candidate) -> GridTrial {
    let (outcome, calibration) = (trial.outcome, schedules[trial.number].calibration)
    return GridTrial(
      filter: outcome.usedFilter,
      isCalibrated: calibration.setsMargin || calibration.setsNeighbors, score: outcome.score,
      keptEpoch: outcome.keptEpoch, epochs: outcome.curve.count,
      reliableCount: outcome.filter.reliableCount, isCollapsed: outcome.collapse != nil)
  }
}

/// The best of the trials that are done: only its weights are held.
private struct Candidate: Sendable {
  var number: Int
  var outcome: ClusteringOutcome
  var weights: ModelWeights

  /// Becomes the other where that is better: of a higher score, or of the same and a lower number.
  mutating func yield(to other: Candidate) {
    let (own, rival) = (outcome.score, other.outcome.score)
    if rival > own || rival == own && other.number < number { self = other }
  }
}
