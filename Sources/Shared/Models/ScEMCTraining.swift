// The two phases of scEMC: pretraining, and joint training with clusters. Batches, noise and starting centers are functions of the seed and of the
// cells' values; see `PairedData`.

import Autodiff
import Clustering
import Glibc
import NeuralNetworks
import Tensors

/// How long and how fast to pretrain; the defaults are the paper's.
package struct ScEMCPretraining: Sendable, Equatable {
  package var epochs = 400
  package var learningRate = 1e-3
  package var batchSize = 256
  /// L_kl joins in from this share of the epochs on.
  package var pairsBegin = 0.5
  package var seed: UInt64 = 0

  package init() {}
}

/// How long and how fast to train with clusters; the defaults are the paper's, but for the limit of epochs.
package struct ScEMCClustering: Sendable, Equatable {
  package var epochs = 500
  package var learningRate = 1.0
  package var batchSize = 256
  /// Training ends when a smaller share of the labels changes in an epoch.
  package var stableShare = 0.001
  /// Of k-means.
  package var restarts = 20
  /// Which state gives the result; with `best`, training also ends after `patience` epochs without a better one.
  package var keeps = KeptState.last
  package var patience = 5
  package var seed: UInt64 = 0

  package init() {}
}

/// Trains a model without clusters: L_rec, and in the second half also φ L_kl. Returns the mean loss of every epoch.
///
/// Without reconstruction φ L_kl is minimized from the first epoch on, as nothing else is left.
///
/// - Parameter resumption: where an earlier run ended, from which the same steps follow as if it had gone on, and who is offered the states.
/// - Throws: `ModelFault` where a loss is not finite, and whatever `resumption` and `report` throw.
package func pretrain<S: EngineScalar>(
  _ model: ScEMC<S>, on data: PairedData<S>, schedule: ScEMCPretraining,
  resumption: Resumption<S> = .none, report: (EpochReport) throws -> Void = { _ in }
) throws -> [LossTerms] {
  let optimizer = AMSGrad<S>(
    weightCount: model.parameters.count, learningRate: schedule.learningRate)
  let epochs = BatchEpochs(
    model, data, size: schedule.batchSize, seed: schedule.seed, stage: "pretraining")
  let begin = Int(schedule.pairsBegin * Double(schedule.epochs))
  var (curve, begun) =
    try resumption.state?.restore(model, optimizer, epochs: schedule.epochs)
    ?? ([], EpochProgress())
  for epoch in stride(from: curve.count + 1, through: schedule.epochs, by: 1) {
    let started = monotonicSeconds()
    let withPairs = epoch > begin || !model.configuration.reconstructs
    let loss = try epochs.run(epoch, from: begun) { batch, noise, tape in
      let loss = model.pretrainingLoss(batch, noise: noise, withPairs: withPairs, on: tape)
      optimizer.update(model.parameters)
      return loss
    } after: { progress, moment in
      try resumption.offer(moment) { TrainingState(model, optimizer, curve, progress) }
    }
    begun = EpochProgress()
    curve.append(loss)
    try report(
      EpochReport(
        epoch: epoch, epochs: schedule.epochs, loss: loss,
        seconds: monotonicSeconds() - started))
  }
  return curve
}

/// Runs epochs of batches: each cell once an epoch, in an order and with noise of its own.
struct BatchEpochs<S: EngineScalar> {
  let batch: PairedBatch<S>
  let tape: Tape<S>
  let cellCount: Int
  let size: Int
  let seed: UInt64
  let stage: String

  init(_ model: ScEMC<S>, _ data: PairedData<S>, size: Int, seed: UInt64, stage: String) {
    batch = PairedBatch(of: data)
    tape = Tape(model.parameters)
    cellCount = data.cellCount
    self.size = size
    self.seed = seed
    self.stage = stage
  }

  /// The mean loss over the cells of an epoch, of which `begun` is done; `after` is called after every step with a finite loss.
  func run(
    _ epoch: Int, from begun: EpochProgress,
    step: (PairedBatch<S>, NoiseKey, Tape<S>) throws -> LossTerms,
    after: (EpochProgress, TrainingMoment) throws -> Void
  ) throws -> LossTerms {
    var mean = begun.mean ?? LossTerms(total: 0, parts: [])
    let batches = shuffledBatches(cellCount, size: size, seed: seed, epoch: epoch)
    for (number, positions) in batches.enumerated().dropFirst(begun.stepsDone) {
      tape.reset()
      batch.prepare(batches[number...])
      batch.take(positions, withTargets: true)
      let key = NoiseKey(seed: seed, stream: UInt64(epoch) << 32 | UInt64(number))
      let loss = try step(batch, key, tape)
      guard loss.total.isFinite else {
        throw ModelFault.diverged(stage: stage, epoch: epoch, loss: loss)
      }
      mean.add(loss, share: Double(positions.count) / Double(cellCount))
      try after(
        EpochProgress(stepsDone: number + 1, mean: mean),
        TrainingMoment(epoch: epoch, endsEpoch: number + 1 == batches.count))
    }
    return mean
  }
}

extension TrainingState {
  /// As for other models, with the statistics of the normalized layers.
  init(
    _ model: ScEMC<S>, _ optimizer: any Optimizer<S>, _ curve: [LossTerms],
    _ progress: EpochProgress
  ) {
    self.init(model.parameters, optimizer, curve, progress)
    for (name, window) in model.statistics { matrices["statistics.\(name)"] = window.matrix() }
  }

  /// As for other models, with the statistics of the normalized layers.
  func restore(_ model: ScEMC<S>, _ optimizer: any Optimizer<S>, epochs: Int)
    throws(ResumptionFault) -> (curve: [LossTerms], progress: EpochProgress)
  {
    for (name, window) in model.statistics { try restore("statistics.\(name)", into: window) }
    return try restore(model.parameters, optimizer, epochs: epochs)
  }
}

extension LossTerms {
  fileprivate mutating func add(_ other: LossTerms, share: Double) {
    total += share * other.total
    if parts.isEmpty { parts = other.parts.map { ($0.name, 0) } }
    for (i, part) in other.parts.enumerated() { parts[i].value += share * part.value }
  }
}
