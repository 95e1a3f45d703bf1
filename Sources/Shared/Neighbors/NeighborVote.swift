import Tensors

/// The labels of points by their nearest labeled points.
package struct NeighborVote: Sendable {
  /// The most frequent label among the nearest; among equals, the one whose points are nearer in
  /// sum. (M)
  package let labels: [Int]
  /// Its share of the votes. (M)
  package let shares: [Float]

  /// - Parameters:
  ///   - nearest: places in `labels`, nearest first. (M, k)
  ///   - labels: the labels of the points that vote; −1 for one that does not.
  package init(_ nearest: NearestNeighbors, labels: [Int]) {
    let rows = nearest.indices.rows
    let found = (0..<rows).map { i -> (label: Int, share: Float) in
      var votes: [Int: (count: Int, distance: Double)] = [:]
      for k in 0..<nearest.indices.columns {
        let label = labels[Int(nearest.indices[i, k])]
        if label < 0 { continue }
        votes[label, default: (0, 0)].count += 1
        votes[label, default: (0, 0)].distance += Double(nearest.distances[i, k])
      }
      let best = votes.min { a, b in
        (-a.value.count, a.value.distance, a.key) < (-b.value.count, b.value.distance, b.key)
      }
      guard let best else { return (-1, 0) }
      return (best.key, Float(best.value.count) / Float(nearest.indices.columns))
    }
    self.labels = found.map(\.label)
    shares = found.map(\.share)
  }
}
