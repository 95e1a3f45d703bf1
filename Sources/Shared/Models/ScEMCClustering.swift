// Joint training of scEMC with clusters, and the guard around it: states are judged without labels, the start included.

import Autodiff
import Clustering
import Glibc
import Metrics
import NeuralNetworks
import Tensors

/// What joint training found.
package struct ScEMCOutcome: Sendable {
  /// The nearest center of every cell, or, where the start was kept, the first partition. (N)
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
  /// The partition that training began with. (N)
  package let start: [Int]
  /// The epochs after which the result stood; 0 is the start.
  package let keptEpoch: Int
  /// What the judge said of the result and of the last epoch; nil where there was none.
  package let score: Double?
  package let lastScore: Double?
  /// The first collapse that was seen; with `best` training ended there.
  package let collapse: Collapse?
}

/// The first partition, and what the states of the training are judged by.
package struct ScEMCStart {
  /// From 0 to K − 1, in the order of the data. (N)
  package let labels: [Int]
  /// The higher, the better a partition is; in the order of the data.
  package let judge: (_ labels: [Int]) throws -> Double

  /// How sure each cell's cluster is, in the order of the data (N); nil: by the distances to the centers.
  package let confidence: ((_ labels: [Int]) throws -> [Float])?

  package init(
    labels: [Int], confidence: ((_ labels: [Int]) throws -> [Float])? = nil,
    judge: @escaping (_ labels: [Int]) throws -> Double
  ) {
    self.labels = labels
    self.confidence = confidence
    self.judge = judge
  }

  /// Judges by modularity on the graph of the adjacency A (N, N).
  package init(labels: [Int], judgedOn adjacency: SparseMatrix<Float>) {
    let graph = undirected(adjacency)
    self.init(labels: labels) { try modularity(of: $0, on: graph) ?? 0 }
  }
}

/// What was known after an epoch, cells in the order of work.
private struct JointState {
  var epoch: Int
  var labels: [Int]
  var codes: Matrix<Float>
  var score: Double?
  /// All weights; nil where no earlier state can be asked for.
  var weights: ModelWeights?

  func isBetter(than other: JointState) -> Bool {
    guard let score, let rival = other.score else { return false }
    return score > rival
  }
}

extension JointState {
  /// The state of that name in a stored training.
  ///
  /// - Throws: `ResumptionFault` where it is not one of the same model and cells as `first`.
  init(_ state: TrainingState<Float>, _ name: String, like first: JointState, clusters: Int)
    throws(ResumptionFault)
  {
    let count = first.labels.count
    epoch = try state.integers("\(name).epoch", count: 1, in: 0..<Int(Int32.max))[0]
    labels = try state.integers("\(name).labels", count: count, in: 0..<clusters)
    codes = try state.matrix("\(name).codes", rows: count, columns: first.codes.columns)
    score = try first.score.map { _ throws(ResumptionFault) in
      try state.values("\(name).score", count: 1)[0]
    }
    guard let shapes = first.weights else { return }
    var found: ModelWeights = [:]
    for (key, matrix) in shapes {
      found[key] = try state.matrix(
        "\(name).weights.\(key)", rows: matrix.rows, columns: matrix.columns)
    }
    weights = found
  }

  func store(in state: inout TrainingState<Float>, _ name: String) {
    state.numbers["\(name).epoch"] = [Double(epoch)]
    state.numbers["\(name).labels"] = labels.map { Double($0) }
    state.numbers["\(name).score"] = score.map { [$0] }
    state.matrices["\(name).codes"] = codes
    for (key, matrix) in weights ?? [:] { state.matrices["\(name).weights.\(key)"] = matrix }
  }
}

extension ScEMC where S == Float {
  /// Trains a pretrained model with clusters until the labels are stable, or the epochs are over, or no state has been better for a while, or,
  /// with `best`, the clusters have collapsed.
  ///
  /// Without the clustering losses nothing would move the centers: the start is the result.
  ///
  /// - Parameter start: gives the first partition, and what states are judged by, from the codes in the order of the data (N, codeWidth): the centers
  ///   begin at the means of the partition's codes. Without it k-means on the codes does, the paper's way, and the last state is the result.
  /// - Parameter resumption: where an earlier run ended, from which the same steps follow as if it had gone on, and who is offered the states; `start` is
  ///   asked again and must give the same.
  /// - Throws: `ModelFault` where a loss is not finite, `ClusteringFault`, and whatever `start`, `resumption` and `report` throw.
  package func cluster(
    _ data: PairedData<Float>, schedule: ScEMCClustering,
    from start: ((_ codes: Matrix<Float>) throws -> ScEMCStart)? = nil,
    resumption: Resumption<Float> = .none, report: (EpochReport) throws -> Void = { _ in }
  ) throws -> ScEMCOutcome {
    guard let centers else { preconditionFailure("a model without clusters") }
    let place = parameters.weights(of: centers)
    let codes = orderedCodes(data)
    let begun = try start?(data.restored(codes))
    let keepsBest = schedule.keeps == .best && begun != nil
    let first = try beginning(data, codes, schedule, begun?.labels, place)
    func state(_ epoch: Int, _ labels: [Int], _ codes: Matrix<Float>) throws -> JointState {
      JointState(
        epoch: epoch, labels: labels, codes: codes,
        score: try begun.map { try $0.judge(data.restored(labels)) },
        weights: keepsBest ? weights : nil)
    }
    var (last, best) = (
      try state(0, nearestCenters(of: Window(reading: codes), to: place), codes),
      try state(0, first, codes)
    )
    if last.isBetter(than: best) { best = last }
    let watch = CollapseWatch(first, last.labels)
    var collapse: Collapse?
    let optimizer = Adadelta<Float>(
      weightCount: parameters.count, learningRate: schedule.learningRate)
    let epochs = BatchEpochs(
      self, data, size: schedule.batchSize, seed: schedule.seed &+ 1, stage: "clustering")
    var (curve, changes): ([LossTerms], [Double]) = ([], [])
    let limit = configuration.clusters ? schedule.epochs : 0
    var inProgress = EpochProgress()
    if let stored = resumption.state {
      last = try JointState(stored, "last", like: last, clusters: place.rows)
      best = try JointState(stored, "best", like: last, clusters: place.rows)
      (curve, inProgress) = try stored.restore(self, optimizer, epochs: limit)
      changes = try stored.values("changes", count: curve.count)
      collapse = try Collapse.stored(in: stored, cells: last.labels.count)
    }
    while curve.count < limit && changes.last.map({ $0 >= schedule.stableShare }) ?? true
      && (!keepsBest || curve.count - best.epoch < schedule.patience && collapse == nil)
    {
      let started = monotonicSeconds()
      let loss = try epochs.run(curve.count + 1, from: inProgress) { batch, noise, tape in
        let loss = clusteringLoss(batch, noise: noise, on: tape)
        optimizer.update(parameters)
        return loss
      } after: { progress, moment in
        try resumption.offer(moment) {
          var state = TrainingState(self, optimizer, curve, progress)
          last.store(in: &state, "last")
          best.store(in: &state, "best")
          state.numbers["changes"] = changes
          collapse?.store(in: &state)
          return state
        }
      }
      inProgress = EpochProgress()
      curve.append(loss)
      let (codes, before) = (orderedCodes(data), last.labels)
      last = try state(
        curve.count, nearestCenters(of: Window(reading: codes), to: place), codes)
      if let found = watch.collapse(in: last.labels, after: curve.count) {
        collapse = collapse ?? found
      } else if last.isBetter(than: best) {
        best = last
      }
      changes.append(
        Double(zip(last.labels, before).count { $0 != $1 }) / Double(max(1, before.count)))
      try report(
        EpochReport(
          epoch: curve.count, epochs: limit, loss: loss, seconds: monotonicSeconds() - started))
    }
    var kept = keepsBest ? best : last
    if limit == 0 { kept.labels = first }
    if let weights = kept.weights { try load(weights) }
    let labels = data.restored(kept.labels)
    return ScEMCOutcome(
      labels: labels,
      confidence: try begun?.confidence?(labels)
        ?? data.restored(shares(of: kept.codes, kept.labels, centers: place.matrix())),
      latent: data.restored(kept.codes), curve: curve, changes: changes,
      isConverged: changes.last.map { $0 < schedule.stableShare } ?? true,
      start: data.restored(first), keptEpoch: kept.epoch, score: kept.score,
      lastScore: last.score, collapse: collapse)
  }

  /// The first partition in the order of work; the centers are put at the means of its codes.
  private func beginning(
    _ data: PairedData<Float>, _ codes: Matrix<Float>, _ schedule: ScEMCClustering,
    _ found: [Int]?, _ place: Window<Float>
  ) throws -> [Int] {
    guard let found else {
      let found = try KMeans.fit(
        codes, clusters: place.rows, seed: schedule.seed,
        options: KMeans.Options(restarts: schedule.restarts))
      place.copy(from: found.centers.converted(to: Float.self))
      return found.labels
    }
    let labels = data.order.map { found[$0] }
    place.copy(from: clusterMeans(of: codes, labels, clusters: place.rows))
    return labels
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
