// A training in rounds, as for stacked autoencoders: one part of the model after the other learns,
// by steps that become smaller. The losses of the epochs determine the present round, so that a
// resumed training needs nothing else.

/// Epochs in which one part of a model learns, with a separate optimizer.
package struct TrainingRound: Sendable, Equatable {
  /// The number that the model reads in `StepPlan.part`; 0: the whole.
  package var part = 0
  /// At most.
  package var epochs: Int
  package var learningRate: Double
  /// The decay of the step size in it; nil: it is constant.
  package var decay: StepwiseDecay?
  /// First epochs of the round, in which the loss itself still changes. Their losses neither end
  /// the round nor make their weights the best.
  package var warmUpEpochs = 0

  package init(
    part: Int = 0, epochs: Int, learningRate: Double, decay: StepwiseDecay? = nil,
    warmUpEpochs: Int = 0
  ) {
    (self.part, self.epochs) = (part, epochs)
    (self.learningRate, self.decay) = (learningRate, decay)
    self.warmUpEpochs = warmUpEpochs
  }

  /// The step size in an epoch of the round, from 1.
  package func rate(inEpoch epoch: Int) -> Double {
    learningRate * (decay?.factor(after: epoch - 1) ?? 1)
  }

  /// Rounds of that many epochs in total, divided in the proportions of `rounds`; rounds without
  /// epochs are left out.
  package static func sharing(_ total: Int, among rounds: [TrainingRound]) -> [TrainingRound] {
    let whole = max(1, rounds.reduce(0) { $0 + $1.epochs })
    var (before, result) = (0, [TrainingRound]())
    for var round in rounds {
      let begin = before * total / whole
      before += round.epochs
      round.epochs = before * total / whole - begin
      if round.epochs > 0 { result.append(round) }
    }
    return result
  }
}

/// A step size that falls by a factor after each interval of epochs, down to a least share.
package struct StepwiseDecay: Sendable, Equatable {
  package var factor = 0.9
  package var interval = 10
  package var least = 0.1

  package init() {}

  /// The factor of the first step size after that many epochs.
  package func factor(after epochs: Int) -> Double {
    var result = 1.0
    for _ in 0..<max(0, epochs) / max(1, interval) where result > least { result *= factor }
    return max(least, result)
  }
}

/// The position of a training in its rounds.
struct RoundProgress {
  private let rounds: [TrainingRound]
  private let patience: Int?
  private var number = 0
  /// Epochs of the round.
  private var done = 0
  private var plateau: Plateau

  init(of schedule: PretrainingSchedule) {
    let whole = TrainingRound(epochs: schedule.epochs, learningRate: schedule.learningRate)
    rounds = schedule.rounds.isEmpty ? [whole] : schedule.rounds
    patience = schedule.patience
    plateau = Plateau(tolerance: schedule.tolerance)
    skipEmpty()
  }

  /// The round of the next epoch; nil after the last.
  var current: TrainingRound? { number < rounds.count ? rounds[number] : nil }
  /// Whether the next epoch is the first of its round.
  var begins: Bool { done == 0 }

  /// The number of the next epoch in its round, from 1.
  var epoch: Int { done + 1 }

  /// Whether the loss of the next epoch counts for the end of its round and the best weights.
  var counts: Bool { done >= current?.warmUpEpochs ?? 0 }

  /// Adds the loss of the next epoch: that of the held-out cells, if there are any.
  mutating func append(_ loss: LossTerms) {
    guard let current else { return }
    if counts { plateau.append(loss.heldOut ?? loss.total) }
    done += 1
    guard done >= current.epochs || patience.map({ plateau.staleCount >= $0 }) ?? false else {
      return
    }
    (number, done, plateau) = (number + 1, 0, Plateau(tolerance: plateau.tolerance))
    skipEmpty()
  }

  private mutating func skipEmpty() {
    while let current, current.epochs <= 0 { number += 1 }
  }
}
