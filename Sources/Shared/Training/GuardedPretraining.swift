// Counts of reads have means of thousands and a tail of millions. One bad step can leave all cells
// with the same code for the rest of the training. The loss shows it: it is above that of a model
// of the genes' means alone. Then training begins again with a smaller step.

import NeuralNetworks
import Tensors

/// A training that was replaced by another with a smaller step.
package struct TrainingRestart: Sendable {
  /// What the loss did.
  package enum Reason: Sendable {
    /// The first epoch's loss was far above that of the genes' means, or not finite.
    case explosion
    /// The loss stopped falling before it was below that of the genes' means.
    case plateau
  }

  package let reason: Reason
  /// The last loss of the counts.
  package let loss: Double
  /// The loss of a model of the genes' means alone.
  package let geneMeans: Double
  /// The new step size.
  package let learningRate: Double
}

/// How often a training is restarted, and the factor of its step size each time.
private let (mostRestarts, slowing) = (2, 0.2)
/// The number of epochs after which a training may count as stuck, and the least share by which its
/// second half must lower the loss.
private let (fewestEpochs, leastGain) = (20, 0.02)

/// As `pretrain`. If training fails, it begins again from `begin` with a fifth of the step size, at
/// most twice.
///
/// - Parameters:
///   - begin: sets all weights to their first values.
///   - bounds: the bounds for the counts that the model explains.
///   - restarted: called at every new beginning.
/// - Throws: as `pretrain`.
package func pretrainGuarded<Model: TrainableModel>(
  _ model: Model, on source: Model.Source, schedule: PretrainingSchedule,
  bounds: CountLossBounds, resumption: Resumption<Model.S> = .none, begin: () -> Void,
  restarted: (TrainingRestart) -> Void, report: (EpochReport) throws -> Void = { _ in }
) throws -> [LossTerms] {
  let first = try resumption.state?.attempt(below: mostRestarts + 1) ?? 0
  var state = resumption.state
  for attempt in first...mostRestarts {
    var schedule = schedule
    for _ in 0..<attempt { schedule.learningRate *= slowing }
    if attempt > first || state == nil { begin() }
    let own = Resumption(from: state) { moment, current in
      try resumption.offer(moment) {
        var result = current()
        result.numbers[attemptName] = [Double(attempt)]
        return result
      }
    }
    state = nil
    let failure: TrainingRestart
    do {
      let curve = try pretrain(model, on: source, schedule: schedule, resumption: own) { epoch in
        if attempt < mostRestarts && epoch.epoch == 1 {
          try requireNoExplosion(epoch.loss, bounds, schedule)
        }
        try report(epoch)
      }
      guard attempt < mostRestarts, let loss = curve.lossOfPlateau, loss >= bounds.geneMeans
      else { return curve }
      failure = TrainingRestart(.plateau, loss, bounds, schedule)
    } catch let explosion as Explosion {
      failure = explosion.restart
    } catch is ModelFault where attempt < mostRestarts {
      failure = TrainingRestart(.explosion, .infinity, bounds, schedule)
    }
    restarted(failure)
  }
  preconditionFailure("the last attempt returns or throws")
}

/// Ends an attempt.
private struct Explosion: Error {
  let restart: TrainingRestart
}

private func requireNoExplosion(
  _ loss: LossTerms, _ bounds: CountLossBounds, _ schedule: PretrainingSchedule
) throws {
  // With biases of zero the loss begins a little above that, for sparse counts several times above.
  guard let found = loss.countLoss, found > 3 * bounds.geneMeans + 1 else { return }
  throw Explosion(restart: TrainingRestart(.explosion, found, bounds, schedule))
}

extension TrainingRestart {
  fileprivate init(
    _ reason: Reason, _ loss: Double, _ bounds: CountLossBounds, _ schedule: PretrainingSchedule
  ) {
    self.init(
      reason: reason, loss: loss, geneMeans: bounds.geneMeans,
      learningRate: schedule.learningRate * slowing)
  }
}

extension LossTerms {
  /// The part that explains the counts; nil for a model without one.
  package var countLoss: Double? { parts.first { $0.name == "zinb" }?.value }
}

extension [LossTerms] {
  /// The last loss of the counts if the second half of the epochs has not lowered it.
  fileprivate var lossOfPlateau: Double? {
    guard count >= fewestEpochs, let last = last?.countLoss, let middle = self[count / 2].countLoss
    else { return nil }
    return last > (1 - leastGain) * middle ? last : nil
  }
}

/// The name of the number of restarts in a checkpoint.
private let attemptName = "attempt"

extension TrainingState {
  fileprivate func attempt(below limit: Int) throws(ResumptionFault) -> Int {
    numbers[attemptName] == nil ? 0 : try integers(attemptName, count: 1, in: 0..<limit)[0]
  }
}
