import Autodiff
import Glibc
import NeuralNetworks
import Tensors

/// The report of a training after every epoch.
package struct EpochReport: Sendable {
  /// From 1.
  package let epoch: Int
  package let epochs: Int
  package let loss: LossTerms
  /// The cells that the filter trusts, in training with a filter.
  package var reliableCount: Int?
  /// The duration of the epoch.
  package let seconds: Double
}

/// The step size of a training.
struct Pace {
  let epochs: Int
  let learningRate: Double
  var decay = LearningRateDecay.none
}

/// The steps of an epoch: each computes the loss and its gradients, and updates the weights.
struct EpochLoop<Model: TrainableModel> {
  typealias S = Model.S

  let model: Model
  let source: Model.Source
  let optimizer: any Optimizer<S>
  let pace: Pace
  /// For messages.
  let phase: String
  let tape: Tape<S>

  init(
    _ model: Model, _ source: Model.Source, _ kind: OptimizerKind, _ pace: Pace, phase: String
  ) {
    self.model = model
    self.source = source
    optimizer = kind.optimizer(
      weightCount: model.parameters.count, learningRate: pace.learningRate)
    self.pace = pace
    self.phase = phase
    tape = Tape(model.parameters)
  }

  /// Runs the remaining steps of an epoch; returns the mean loss of all cells.
  ///
  /// - Parameters:
  ///   - resumed: the part of this epoch that an earlier run completed.
  ///   - losses: the losses of the epochs before.
  ///   - round: the part that learns, and its step size; nil: all, with the step size of the
  ///     training.
  ///   - roundEpoch: the number of the epoch in its round, from 1; nil: its number in the training.
  ///   - store: adds what the training holds beside weights, optimizer and losses to a state.
  /// - Throws: `ModelFault` if a loss is not finite, and the errors of `resumption`.
  func run(
    _ epoch: Int, from resumed: EpochProgress, after losses: [LossTerms],
    in round: TrainingRound? = nil, roundEpoch: Int? = nil, _ resumption: Resumption<S>,
    store: (inout TrainingState<S>) -> Void = { _ in },
    loss: (Model.Source.Step) -> LossTerms
  ) throws -> LossTerms {
    let steps = source.steps(ofEpoch: epoch, of: pace.epochs)
    var progress = resumed
    let learningRate = round?.rate(inEpoch: roundEpoch ?? epoch) ?? pace.learningRate
    for var plan in steps.dropFirst(resumed.stepsDone) {
      (plan.part, plan.roundEpoch) = (round?.part ?? 0, roundEpoch ?? epoch)
      optimizer.learningRate = pace.decay.rate(learningRate, progress: plan.progress)
      source.prepare(steps[plan.number...])
      let terms = loss(source.step(plan, on: tape))
      let share = plan.cells.map { Double($0.count) / Double(source.learningCellCount) } ?? 1
      progress.mean = progress.mean.map { $0.adding(terms, share) } ?? terms.scaled(by: share)
      progress.stepsDone = plan.number + 1
      guard terms.total.isFinite else {
        throw ModelFault.diverged(stage: phase, epoch: epoch, loss: terms)
      }
      optimizer.update(model.parameters)
      try resumption.offer(
        TrainingMoment(epoch: epoch, endsEpoch: progress.stepsDone == steps.count)
      ) {
        var state = TrainingState(model, optimizer, losses, progress)
        store(&state)
        return state
      }
    }
    return progress.mean ?? LossTerms(total: 0, parts: [])
  }
}

/// Seconds of a clock that never goes back.
func monotonicSeconds() -> Double {
  var time = timespec()
  // SAFETY: `time` is local and lives through the call.
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}
