// The two training loops, once for all models: pretraining, and clustering with its filter, graph transform and stopping rule (scTPF, Algorithm 1).

import Autodiff
import Glibc
import NeuralNetworks
import Tensors

/// What a loop tells after every epoch.
package struct EpochReport: Sendable {
  /// From 1.
  package let epoch: Int
  package let epochs: Int
  package let loss: LossTerms
  /// The cells that the filter trusts, in clustering.
  package var reliableCount: Int?
  /// How long the epoch took.
  package let seconds: Double
}

/// How long and how fast to train.
package struct TrainingSchedule: Sendable, Equatable {
  package var epochs: Int
  package var learningRate: Double
  package var decay = LearningRateDecay.none
  /// Training ends after this many epochs without a loss lower by `tolerance` of its size; nil: after all epochs.
  package var patience: Int?
  package var tolerance = 1e-3
  package var batches: BatchPlan

  package init(epochs: Int, learningRate: Double = 5e-4, batches: BatchPlan = BatchPlan()) {
    self.epochs = epochs
    self.learningRate = learningRate
    self.batches = batches
  }
}

/// Trains a model without clusters (Algorithm 1, lines 1–4) and returns the loss of every epoch.
///
/// - Parameter resumption: where an earlier run ended, from which the same steps follow as if it had gone on, and who is offered the states.
/// - Throws: `ModelFault` where a loss is not finite, and whatever `resumption` and `report` throw.
package func pretrain<Model: GraphModel>(
  _ model: Model, on batches: Batches<Model.S>, schedule: TrainingSchedule,
  resumption: Resumption<Model.S> = .none, report: (EpochReport) throws -> Void = { _ in }
) throws -> [LossTerms] {
  let tape = Tape(model.parameters)
  let adam = Adam<Model.S>(
    weightCount: model.parameters.count, learningRate: schedule.learningRate)
  var (curve, begun) =
    try resumption.state?.restore(model.parameters, adam, epochs: schedule.epochs)
    ?? ([], EpochProgress())
  var plateau = Plateau(tolerance: schedule.tolerance)
  for loss in curve { plateau.append(loss.total) }
  for epoch in stride(from: curve.count + 1, through: schedule.epochs, by: 1) {
    let started = monotonicSeconds()
    let loss = try train(batches, epoch: epoch, from: begun, schedule, with: adam) {
      cells, number in
      model.pretrainingLoss(batches.batch(cells, step: number, on: tape), on: tape)
    } update: { progress, moment in
      adam.update(model.parameters)
      try resumption.offer(moment) {
        TrainingState(model.parameters, adam, curve, progress)
      }
    }
    begun = EpochProgress()
    guard loss.total.isFinite else {
      throw ModelFault.diverged(stage: "pretraining", epoch: epoch, loss: loss)
    }
    curve.append(loss)
    try report(
      EpochReport(
        epoch: epoch, epochs: schedule.epochs, loss: loss,
        seconds: monotonicSeconds() - started))
    plateau.append(loss.total)
    if let patience = schedule.patience, plateau.staleCount >= patience { break }
  }
  return curve
}

/// The steps of one epoch that are left: the loss of each with its gradients, then the weights; returns the mean loss of all cells.
func train<S>(
  _ batches: Batches<S>, epoch: Int, from begun: EpochProgress, _ schedule: TrainingSchedule,
  with adam: Adam<S>,
  loss: (_ cells: Buffer<Int32>?, _ step: Int) -> LossTerms,
  update: (EpochProgress, TrainingMoment) throws -> Void
) rethrows -> LossTerms {
  let steps = batches.steps(ofEpoch: epoch)
  var progress = begun
  for (number, cells) in steps.enumerated().dropFirst(begun.stepsDone) {
    let done = (epoch - 1) * steps.count + number
    adam.learningRate = schedule.decay.rate(
      schedule.learningRate, progress: Double(done) / Double(schedule.epochs * steps.count))
    batches.prepare(steps[number...])
    let terms = loss(cells, done)
    let share = cells.map { Double($0.count) / Double(batches.data.cellCount) } ?? 1
    progress.mean = progress.mean.map { $0.adding(terms, share) } ?? terms.scaled(by: share)
    progress.stepsDone = number + 1
    if !terms.total.isFinite { break }
    try update(
      progress, TrainingMoment(epoch: epoch, endsEpoch: progress.stepsDone == steps.count))
  }
  return progress.mean ?? LossTerms(total: 0, parts: [])
}

/// Seconds of a clock that never goes back.
func monotonicSeconds() -> Double {
  var time = timespec()
  // SAFETY: `time` is ours and lives through the call.
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}
