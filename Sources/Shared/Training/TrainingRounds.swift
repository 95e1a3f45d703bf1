// A training in rounds, as of stacked autoencoders: one part of the model after the other learns,
// by steps that become smaller. Where such a training is follows from the losses of its epochs, so
// that a resumed one needs nothing else.

/// Epochs in which one part of a model learns, with an optimizer of their own.
package struct TrainingRound: Sendable, Equatable {
  /// The number that the model reads in `StepPlan.part`; 0: the whole.
  package var part = 0
  /// At most.
  package var epochs: Int
  package var learningRate: Double

  package init(part: Int = 0, epochs: Int, learningRate: Double) {
    (self.part, self.epochs, self.learningRate) = (part, epochs, learningRate)
  }

  /// Rounds of that many epochs together, shared out as in `rounds`; those that get none are left
  /// out.
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

/// Where a training in rounds is.
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

  /// What the next epoch belongs to; nil after the last.
  var current: TrainingRound? { number < rounds.count ? rounds[number] : nil }
  /// Whether the next epoch is the first of its round.
  var begins: Bool { done == 0 }

  /// Takes the loss of the next epoch.
  mutating func append(_ loss: Double) {
    guard let current else { return }
    plateau.append(loss)
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
