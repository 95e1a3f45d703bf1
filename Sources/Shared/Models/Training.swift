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

  package init(epochs: Int, learningRate: Double = 5e-4) {
    self.epochs = epochs
    self.learningRate = learningRate
  }
}

/// Trains a model without clusters (Algorithm 1, lines 1–4) and returns the loss of every epoch.
///
/// - Throws: `ModelFault` where a loss is not finite, and whatever `report` throws.
package func pretrain<Model: GraphModel>(
  _ model: Model, on data: ModelData<Model.S>, over graph: ModelGraph<Model.S>,
  schedule: TrainingSchedule, report: (EpochReport) throws -> Void = { _ in }
) throws -> [LossTerms] {
  let tape = Tape(model.parameters)
  let adam = Adam<Model.S>(
    weightCount: model.parameters.count, learningRate: schedule.learningRate)
  var curve: [LossTerms] = []
  for epoch in 1...max(1, schedule.epochs) where epoch <= schedule.epochs {
    let started = monotonicSeconds()
    let loss = model.pretrainingLoss(data, over: graph, on: tape)
    guard loss.total.isFinite else {
      throw ModelFault.diverged(stage: "pretraining", epoch: epoch, loss: loss)
    }
    adam.update(model.parameters)
    curve.append(loss)
    try report(
      EpochReport(
        epoch: epoch, epochs: schedule.epochs, loss: loss,
        seconds: monotonicSeconds() - started))
  }
  return curve
}

/// The latent codes of all cells. (N, D)
package func latentCodes<Model: GraphModel>(
  of model: Model, _ data: ModelData<Model.S>, over graph: ModelGraph<Model.S>
) -> Matrix<Model.S> {
  model.embed(data, over: graph, on: Tape(model.parameters)).value.matrix()
}

/// Seconds of a clock that never goes back.
func monotonicSeconds() -> Double {
  var time = timespec()
  // SAFETY: `time` is ours and lives through the call.
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}
