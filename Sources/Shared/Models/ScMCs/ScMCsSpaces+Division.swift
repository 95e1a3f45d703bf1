import Clustering
import NeuralNetworks
import Tensors
import Training

/// How scMCs finds two clusterings of the same cells.
package struct ScMCsDivision: Sendable, Equatable {
  /// Epochs of the reconstruction alone, and then of all losses.
  package var firstEpochs = 200
  package var epochs = 100
  package var learningRate = 0.01
  /// Cells in a step, which attend to each other; 0: all.
  package var batchSize = 256

  package init() {}
}

/// Two clusterings of the same cells.
package struct TwoClusterings: Sendable {
  /// The cluster of every cell in each. (2) (N)
  package let labels: [[Int]]
  /// How alike their embeddings are: the centered kernel alignment of those, from 0 to 1.
  package let alignment: Double
}

extension TwoClusterings {
  /// The clusterings as values by name.
  package var state: TrainingState<Float> {
    var state = TrainingState<Float>()
    state.store(labels, "labels")
    state.numbers["alignment"] = [alignment]
    return state
  }

  /// Those that an earlier run has found.
  ///
  /// - Throws: `ResumptionFault` where they are not of that many cells and clusters.
  package init(_ state: TrainingState<Float>, cells count: Int, clusters: [Int]) throws {
    labels = try clusters.enumerated().map { number, most in
      try state.integers("labels.\(number)", count: count, in: 0..<most)
    }
    guard let found = state.numbers["alignment"]?.first else { throw ResumptionFault("alignment") }
    alignment = found
  }
}

extension ScMCsDivision {
  /// Divides cells with these codes (N, D) in two ways.
  ///
  /// - Parameter clusters: K_1 and K_2.
  /// - Throws: `ModelFault` where a loss is not finite, `ClusteringFault` where there are fewer
  ///   cells than clusters, and what `report` throws.
  package func divide(
    _ codes: Matrix<Float>, clusters: [Int], seed: UInt64,
    report: (EpochReport) throws -> Void = { _ in }
  ) throws -> TwoClusterings {
    let data = PairedData(rna: Measurement(codes), second: nil)
    let size = batchSize == 0 ? max(1, codes.rows) : batchSize
    let source = PairedSteps(data, size: size, seed: seed)
    let model = ScMCsSpaces<Float>(
      ScMCsSpaces.Configuration(width: codes.columns), clusters: clusters)
    model.initialize(seed: seed)
    func train(_ part: ScMCsSpacesPart, _ epochs: Int) throws -> [LossTerms] {
      let round = TrainingRound(
        part: part.rawValue, epochs: epochs, learningRate: learningRate)
      return try pretrain(
        model, on: source, schedule: PretrainingSchedule(rounds: [round]), report: report)
    }
    _ = try train(.reconstruction, firstEpochs)
    let first = model.codes(over: source)
    for number in 0..<2 {
      let found = try KMeans.fit(
        model.space(number, of: first).selectingRows(data.order), clusters: clusters[number],
        seed: seed)
      model.parameters.weights(of: model.spaceCenters[number])
        .copy(from: found.centers.converted(to: Float.self))
    }
    let curve = try train(.whole, epochs)
    let last = model.codes(over: source)
    return TwoClusterings(
      labels: (0..<2).map { model.assignment(of: last, in: $0).labels },
      alignment: curve.last?.parts.first { $0.name == "alignment" }?.value ?? 0)
  }
}
