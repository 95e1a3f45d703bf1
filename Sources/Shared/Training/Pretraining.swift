import Autodiff
import NeuralNetworks
import Tensors

/// How long and how fast to pretrain.
package struct PretrainingSchedule: Sendable, Equatable {
  package var epochs: Int
  package var optimizer = OptimizerKind.adam()
  package var learningRate: Double
  package var decay = LearningRateDecay.none
  /// Training ends after this many epochs without a loss lower by `tolerance` of its size; nil:
  /// after all epochs.
  package var patience: Int?
  package var tolerance = 1e-3
  /// Rounds one after the other, each of which `patience` ends by itself; empty: one of all epochs.
  package private(set) var rounds: [TrainingRound] = []

  package init(epochs: Int, learningRate: Double = 5e-4) {
    self.epochs = epochs
    self.learningRate = learningRate
  }

  /// A schedule of rounds, of which there must be at least one.
  package init(rounds: [TrainingRound]) {
    self.init(
      epochs: rounds.reduce(0) { $0 + $1.epochs }, learningRate: rounds[0].learningRate)
    self.rounds = rounds
  }
}

/// Trains a model without clusters and returns the loss of every epoch.
///
/// - Parameter resumption: the state of an earlier run to resume from, and the receiver of this
///   run's states.
/// - Throws: `ModelFault` if a loss is not finite, and the errors of `resumption` and `report`.
package func pretrain<Model: TrainableModel>(
  _ model: Model, on source: Model.Source, schedule: PretrainingSchedule,
  resumption: Resumption<Model.S> = .none, report: (EpochReport) throws -> Void = { _ in }
) throws -> [LossTerms] {
  let pace = Pace(
    epochs: schedule.epochs, learningRate: schedule.learningRate, decay: schedule.decay)
  let loop = EpochLoop(model, source, schedule.optimizer, pace, phase: "pretraining")
  var (curve, resumed) =
    try resumption.state?.restore(model, loop.optimizer, epochs: schedule.epochs)
    ?? ([], EpochProgress())
  var rounds = RoundProgress(of: schedule)
  var best = BestWeights(of: model)
  for loss in curve {
    if rounds.counts { best.append(loss.heldOut) }
    rounds.append(loss)
    if rounds.begins { best.forget() }
  }
  if let state = resumption.state { try best.restore(state) }
  while let round = rounds.current {
    let (started, epoch) = (monotonicSeconds(), curve.count + 1)
    if rounds.begins && resumed.stepsDone == 0 {
      loop.optimizer.forget()
      try model.beginRound(round.part, over: source)
    }
    let known = best
    var loss = try loop.run(
      epoch, from: resumed, after: curve, in: round, roundEpoch: rounds.epoch, resumption,
      store: known.store
    ) {
      model.pretrainingStep($0, on: loop.tape)
    }
    if let value = heldOutLoss(of: model, on: source, round, loop.tape) {
      loss.parts.append((LossTerms.heldOutName, value))
      if rounds.counts && best.append(value) { best.take() }
    }
    resumed = EpochProgress()
    curve.append(loss)
    try report(
      EpochReport(
        epoch: epoch, epochs: schedule.epochs, loss: loss,
        seconds: monotonicSeconds() - started))
    rounds.append(loss)
    if rounds.begins { best.finish() }
  }
  model.finishPretraining(over: source)
  return curve
}

/// The mean loss of the cells that no step learns from; nil if there are none.
private func heldOutLoss<Model: TrainableModel>(
  of model: Model, on source: Model.Source, _ round: TrainingRound, _ tape: Tape<Model.S>
) -> Double? {
  let steps = source.heldOut
  let cells = steps.reduce(0) { $0 + ($1.cells?.count ?? 0) }
  guard cells > 0 else { return nil }
  return steps.reduce(0.0) { sum, plan in
    var plan = plan
    plan.part = round.part
    let loss = LossTerms(model.heldOutLoss(source.step(plan, on: tape), on: tape)).total
    return sum + loss * Double(plan.cells?.count ?? 0) / Double(cells)
  }
}
