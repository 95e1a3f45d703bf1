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
  package var seed: UInt64 = 0

  package init() {}
}

/// What joint training found.
package struct ScEMCOutcome: Sendable {
  /// The nearest center of every cell. (N)
  package let labels: [Int]
  /// exp(−‖z̃ − V‖²) of that center, over the sum of all centers'. (N)
  package let confidence: [Float]
  /// Z̃. (N, codeWidth)
  package let latent: Matrix<Float>
  package let curve: [LossTerms]
  /// The share of the labels that each epoch changed.
  package let changes: [Double]
  /// Whether the labels became stable before the epochs were over.
  package let isConverged: Bool
  /// The partition that training began with: k-means of the pretrained codes. (N)
  package let start: [Int]
}

/// Trains a model without clusters: L_rec, and in the second half also φ L_kl. Returns the mean loss of every epoch.
///
/// Without reconstruction φ L_kl is minimized from the first epoch on, as nothing else is left.
///
/// - Throws: `ModelFault` where a loss is not finite, and whatever `report` throws.
package func pretrain<S: EngineScalar>(
  _ model: ScEMC<S>, on data: PairedData<S>, schedule: ScEMCPretraining,
  report: (EpochReport) throws -> Void = { _ in }
) throws -> [LossTerms] {
  let optimizer = AMSGrad<S>(
    weightCount: model.parameters.count, learningRate: schedule.learningRate)
  let epochs = BatchEpochs(
    model, data, size: schedule.batchSize, seed: schedule.seed, stage: "pretraining")
  let begin = Int(schedule.pairsBegin * Double(schedule.epochs))
  var curve: [LossTerms] = []
  for epoch in 1...max(1, schedule.epochs) where epoch <= schedule.epochs {
    let started = monotonicSeconds()
    let withPairs = epoch > begin || !model.configuration.reconstructs
    let loss = try epochs.run(epoch) { batch, noise, tape in
      let loss = model.pretrainingLoss(batch, noise: noise, withPairs: withPairs, on: tape)
      optimizer.update(model.parameters)
      return loss
    }
    curve.append(loss)
    try report(
      EpochReport(
        epoch: epoch, epochs: schedule.epochs, loss: loss,
        seconds: monotonicSeconds() - started))
  }
  return curve
}

extension ScEMC where S == Float {
  /// Trains a pretrained model with clusters, from the k-means partition of its codes, until the labels are stable or the epochs are over.
  ///
  /// Without the clustering losses nothing would move the centers: the k-means partition is the result.
  ///
  /// - Throws: `ModelFault` where a loss is not finite, `ClusteringFault`, and whatever `report` throws.
  package func cluster(
    _ data: PairedData<Float>, schedule: ScEMCClustering,
    report: (EpochReport) throws -> Void = { _ in }
  ) throws -> ScEMCOutcome {
    guard let centers else { preconditionFailure("a model without clusters") }
    let place = parameters.weights(of: centers)
    var codes = orderedCodes(data)
    let start = try KMeans.fit(
      codes, clusters: centers.rows, seed: schedule.seed,
      options: KMeans.Options(restarts: schedule.restarts))
    place.copy(from: start.centers.converted(to: Float.self))
    var labels = nearestCenters(of: Window(reading: codes), to: place)
    let optimizer = Adadelta<Float>(
      weightCount: parameters.count, learningRate: schedule.learningRate)
    let epochs = BatchEpochs(
      self, data, size: schedule.batchSize, seed: schedule.seed &+ 1, stage: "clustering")
    var (curve, changes): ([LossTerms], [Double]) = ([], [])
    let limit = configuration.clusters ? schedule.epochs : 0
    while curve.count < limit && changes.last.map({ $0 >= schedule.stableShare }) ?? true {
      let started = monotonicSeconds()
      let loss = try epochs.run(curve.count + 1) { batch, noise, tape in
        let loss = clusteringLoss(batch, noise: noise, on: tape)
        optimizer.update(parameters)
        return loss
      }
      curve.append(loss)
      codes = orderedCodes(data)
      let last = labels
      labels = nearestCenters(of: Window(reading: codes), to: place)
      changes.append(
        Double(zip(labels, last).count { $0 != $1 }) / Double(max(1, labels.count)))
      try report(
        EpochReport(
          epoch: curve.count, epochs: limit, loss: loss, seconds: monotonicSeconds() - started))
    }
    return ScEMCOutcome(
      labels: data.restored(labels),
      confidence: data.restored(shares(of: codes, labels, centers: place.matrix())),
      latent: data.restored(codes), curve: curve, changes: changes,
      isConverged: changes.last.map { $0 < schedule.stableShare } ?? true,
      start: data.restored(start.labels))
  }

  /// softmax_j(−‖z̃ − V_j‖²) of every cell's own cluster. (N)
  private func shares(of codes: Matrix<Float>, _ labels: [Int], centers: Matrix<Float>) -> [Float] {
    labels.enumerated().map { i, label in
      let distances = (0..<centers.rows).map { j in
        (0..<codes.columns).reduce(0.0) { sum, d in
          let difference = Double(codes[i, d]) - Double(centers[j, d])
          return sum + difference * difference
        }
      }
      return Float(1 / distances.reduce(0.0) { $0 + exp(distances[label] - $1) })
    }
  }
}

/// Runs epochs of batches: each cell once an epoch, in an order and with noise of its own.
private struct BatchEpochs<S: EngineScalar> {
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

  /// The mean loss over the cells of an epoch.
  func run(_ epoch: Int, step: (PairedBatch<S>, NoiseKey, Tape<S>) throws -> LossTerms) throws
    -> LossTerms
  {
    var mean = LossTerms(total: 0, parts: [])
    let batches = shuffledBatches(cellCount, size: size, seed: seed, epoch: epoch)
    for (number, positions) in batches.enumerated() {
      tape.reset()
      batch.take(positions, withTargets: true)
      let key = NoiseKey(seed: seed, stream: UInt64(epoch) << 32 | UInt64(number))
      let loss = try step(batch, key, tape)
      guard loss.total.isFinite else {
        throw ModelFault.diverged(stage: stage, epoch: epoch, loss: loss)
      }
      mean.add(loss, share: Double(positions.count) / Double(cellCount))
    }
    return mean
  }
}

extension LossTerms {
  fileprivate mutating func add(_ other: LossTerms, share: Double) {
    total += share * other.total
    if parts.isEmpty { parts = other.parts.map { ($0.name, 0) } }
    for (i, part) in other.parts.enumerated() { parts[i].value += share * part.value }
  }
}
