import Autodiff
import Tensors

/// Which state of a training with clusters is the result.
package enum KeptState: String, Sendable, CaseIterable {
  /// The one whose clusters have the highest score, including the start: training never makes the
  /// result worse by that measure.
  case best
  /// The state of the last epoch, as in the papers.
  case last
}

/// The clusters after some epochs, and their figures.
package struct ClusteringState: Sendable {
  /// The number of epochs before; 0 is the start.
  package let epoch: Int
  /// From 0 to J − 1. (N)
  package let labels: [Int]
  /// Which cells a filter trusts; nil without one.
  package let filter: FilterResult?
  /// The share of the labels that differ from the state before; nil at the start.
  package let changed: Double?
  /// The codes. (N, D)
  package let latent: Matrix<Float>
  /// The score of the labels, by the criterion of the start; nil without one.
  package let score: Double?
  /// Edges that the model's rule had added to the graph.
  package let addedEdges: Int
  /// All weights, including the centers.
  package let snapshot: ModelSnapshot

  /// The same codes with another partition.
  func with(labels: [Int], score: Double?) -> ClusteringState {
    ClusteringState(
      epoch: epoch, labels: labels, filter: filter?.reassessed(labels), changed: changed,
      latent: latent, score: score, addedEdges: addedEdges, snapshot: snapshot)
  }

  func isBetter(than other: ClusteringState) -> Bool {
    guard let score, let rival = other.score else { return false }
    return score > rival
  }
}

extension FilterResult {
  /// The same for another partition. A cell whose nearest cluster is not its label has no margin.
  func reassessed(_ labels: [Int]) -> FilterResult {
    FilterResult(
      reliability: labels.indices.map {
        labels[$0] == assignment[$0] ? reliability[$0] : .margin
      }, assignment: labels, margin: margin)
  }
}

// Checkpoints.
extension ClusteringState {
  /// The state of that name in a stored training.
  ///
  /// - Throws: `ResumptionFault` if it is not one of the same model and cells as `first`.
  init(
    _ state: TrainingState<Float>, _ name: String, like first: ClusteringState, clusters: Int
  ) throws(ResumptionFault) {
    let count = first.latent.rows
    let whole = try state.integers("\(name).counts", count: 2, in: 0..<Int.max)
    let labels = try state.integers("\(name).labels", count: count, in: 0..<clusters)
    func optional(_ key: String) throws(ResumptionFault) -> Double? {
      state.numbers["\(name).\(key)"] == nil
        ? nil : try state.values("\(name).\(key)", count: 1)[0]
    }
    var filter: FilterResult?
    if first.filter != nil {
      let codes = try state.integers(
        "\(name).reliability", count: count, in: 0..<Reliability.allCases.count)
      filter = FilterResult(
        reliability: codes.map { Reliability.allCases[$0] }, assignment: labels,
        margin: try state.values("\(name).margin", count: 1)[0])
    }
    if first.score != nil { _ = try state.values("\(name).score", count: 1) }
    func matrix(_ key: String, like other: Matrix<Float>) throws(ResumptionFault) -> Matrix<Float> {
      try state.matrix("\(name).\(key)", rows: other.rows, columns: other.columns)
    }
    self.init(
      epoch: whole[0], labels: labels, filter: filter, changed: try optional("changed"),
      latent: try matrix("latent", like: first.latent), score: try optional("score"),
      addedEdges: whole[1],
      snapshot: ModelSnapshot(
        weights: try matrix("weights", like: first.snapshot.weights),
        statistics: try matrix("statistics", like: first.snapshot.statistics)))
  }

  func store(in state: inout TrainingState<Float>, _ name: String) {
    state.numbers["\(name).counts"] = [Double(epoch), Double(addedEdges)]
    state.numbers["\(name).labels"] = labels.map { Double($0) }
    state.numbers["\(name).score"] = score.map { [$0] }
    state.numbers["\(name).changed"] = changed.map { [$0] }
    if let filter {
      state.numbers["\(name).margin"] = [filter.margin]
      state.numbers["\(name).reliability"] = filter.reliability.map { Double($0.rawValue) }
    }
    state.matrices["\(name).latent"] = latent
    state.matrices["\(name).weights"] = snapshot.weights
    state.matrices["\(name).statistics"] = snapshot.statistics
  }
}
