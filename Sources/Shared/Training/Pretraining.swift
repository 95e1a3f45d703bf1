import NeuralNetworks
import Tensors

/// How long and how fast to pretrain.
package struct PretrainingSchedule: Sendable, Equatable {
  package var epochs: Int
  package var optimizer = OptimizerKind.adam()
  package var learningRate: Double
  package var decay = LearningRateDecay.none
  /// Training ends after this many epochs without a loss lower by `tolerance` of its size; nil: after all epochs.
  package var patience: Int?
  package var tolerance = 1e-3

  package init(epochs: Int, learningRate: Double = 5e-4) {
    self.epochs = epochs
    self.learningRate = learningRate
  }
}

/// Trains a model without clusters and returns the loss of every epoch.
///
/// - Parameter resumption: the state of an earlier run to resume from, and who is offered the states of this one.
/// - Throws: `ModelFault` where a loss is not finite, and whatever `resumption` and `report` throw.
package func pretrain<Model: TrainableModel>(
  _ model: Model, on source: Model.Source, schedule: PretrainingSchedule,
  resumption: Resumption<Model.S> = .none, report: (EpochReport) throws -> Void = { _ in }
) throws -> [LossTerms] {
  let pace = Pace(
    epochs: schedule.epochs, learningRate: schedule.learningRate, decay: schedule.decay)
  let loop = EpochLoop(model, source, schedule.optimizer, pace, phase: "pretraining")
  var (curve, begun) =
    try resumption.state?.restore(model, loop.optimizer, epochs: schedule.epochs)
    ?? ([], EpochProgress())
  var plateau = Plateau(tolerance: schedule.tolerance)
  for loss in curve { plateau.append(loss.total) }
  for epoch in stride(from: curve.count + 1, through: schedule.epochs, by: 1) {
    let started = monotonicSeconds()
    let loss = try loop.run(epoch, from: begun, after: curve, resumption) {
      model.pretrainingStep($0, on: loop.tape)
    }
    begun = EpochProgress()
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
