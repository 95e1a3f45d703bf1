// Whether points are of a kind that is absent from a reference. Distances to the reference alone do
// not show it. A new kind of cell is often as near to the most similar kind as that kind is wide.
// But its cells are nearer to each other than to any cell of the reference. A kind with few cells
// in the reference is like that too. Its cells are recognized since they are no farther from these
// few than the few are from each other. How often that is right: docs/benchmarks-tasks.md.

import Glibc
import Tensors

/// Which new points belong to no kind of the reference, by their positions in one space.
package struct Novelty: Sendable {
  /// How many times farther the reference is than the other new points; 1 if both are as near. (M)
  package let gaps: [Double]
  /// Whether both the gap and the distance to the reference exceed those of its kinds. (M)
  package let isNovel: [Bool]

  /// Gaps above this one are evidence against the reference.
  package static let largestGap = 1.03
  /// The share of a cluster's points that are no farther from the others in it.
  package static let usualQuantile = 0.9

  /// Scores M new points.
  ///
  /// r is the mean distance to the k nearest points of the reference, q that to the k nearest new
  /// points. The gap is r / q. The second value is r over the mean r of these k points themselves.
  /// Both are geometric means over a point and its nearest new points. The second value is compared
  /// with that of the points of the reference in the same cluster. If there are more new points
  /// than reference points, as many as these are used, in even steps.
  ///
  /// - Parameters:
  ///   - points: the positions of the new cells. (M, d)
  ///   - reference: (N, d)
  ///   - labels: the clusters of the reference, −1 for none. (N)
  ///   - votes: the assigned clusters of the new points. (M)
  ///   - count: k; fewer if there are fewer points.
  /// - Throws: `NeighborsFault` for points that are not finite.
  package init(
    of points: Matrix<Float>, among reference: Matrix<Float>, labels: [Int], votes: [Int],
    count: Int = 15
  ) throws(NeighborsFault) {
    let count = min(count, points.rows - 1, reference.rows - 1)
    guard count > 1 else {
      gaps = [Double](repeating: 1, count: points.rows)
      isNovel = [Bool](repeating: false, count: points.rows)
      return
    }
    let known = try NearestNeighbors(of: points, among: reference, count: count)
    let own = try NearestNeighbors(of: reference, count: count)
    let peers = try Novelty.peers(of: points, limit: reference.rows, count)
    let (ownMeans, knownMeans) = (own.logMeans, known.logMeans)
    let gaps = zip(knownMeans, peers.logMeans).map { $0 - $1 }
    func locally(_ means: [Double], _ nearest: NearestNeighbors) -> [Double] {
      means.indices.map { means[$0] - nearest.mean(at: $0, of: ownMeans) }
    }
    let usual = own.smoothed(locally(ownMeans, own))
    let found = peers.smoothed(locally(knownMeans, known))
    let smoothed = peers.smoothed(gaps)
    let limits = Novelty.limits(usual, labels)
    let everywhere = Novelty.quantile(usual)
    self.gaps = smoothed.map { exp($0) }
    isNovel = smoothed.indices.map { i in
      smoothed[i] > log(Novelty.largestGap) && found[i] > limits[votes[i]] ?? everywhere
    }
  }

  /// The nearest others of every point among at most `limit` of them.
  private static func peers(
    of points: Matrix<Float>, limit: Int, _ count: Int
  ) throws(NeighborsFault) -> NearestNeighbors {
    if points.rows <= limit { return try NearestNeighbors(of: points, count: count) }
    let chosen = (0..<limit).map { $0 * points.rows / limit }
    // A chosen point is its own nearest, so one neighbor more is searched and then left out.
    let found = try NearestNeighbors(
      of: points, among: points.selectingRows(chosen), count: count + 1)
    return found.leavingOut { row, place in
      chosen[place] == row
    } places: {
      chosen[$0]
    }
  }

  /// The value that 9 of 10 points of a cluster do not exceed, for clusters of at least ten points.
  private static func limits(_ values: [Double], _ labels: [Int]) -> [Int: Double] {
    Dictionary(grouping: values.indices.filter { labels[$0] >= 0 }) { labels[$0] }
      .filter { $0.value.count >= 10 }.mapValues { rows in quantile(rows.map { values[$0] }) }
  }

  private static func quantile(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted[min(sorted.count - 1, Int(usualQuantile * Double(sorted.count)))]
  }
}

extension NearestNeighbors {
  /// The logarithm of the mean distance of every point.
  fileprivate var logMeans: [Double] {
    (0..<distances.rows).map { i in
      var sum = 0.0
      for k in 0..<distances.columns { sum += Double(distances[i, k]) }
      return log(max(sum / Double(distances.columns), 1e-30))
    }
  }

  /// The mean over the neighbors of a point.
  fileprivate func mean(at i: Int, of values: [Double]) -> Double {
    var sum = 0.0
    for k in 0..<indices.columns { sum += values[Int(indices[i, k])] }
    return sum / Double(indices.columns)
  }

  /// The mean over every point and its neighbors, which are points of the same kind.
  fileprivate func smoothed(_ values: [Double]) -> [Double] {
    let k = Double(indices.columns)
    return values.indices.map { (values[$0] + k * mean(at: $0, of: values)) / (k + 1) }
  }

  /// The same with one neighbor fewer in each row: without the first for which `isLeft` is true, or
  /// else the farthest. `places` renames the kept ones.
  fileprivate func leavingOut(
    _ isLeft: (_ row: Int, _ place: Int) -> Bool, places: (Int) -> Int
  ) -> NearestNeighbors {
    let width = indices.columns - 1
    var (kept, lengths) = (
      Matrix<Int32>(uninitializedRows: indices.rows, columns: width),
      Matrix<Float>(uninitializedRows: indices.rows, columns: width)
    )
    for i in 0..<indices.rows {
      let out = (0...width).first { isLeft(i, Int(indices[i, $0])) } ?? width
      for k in 0..<width {
        let from = k < out ? k : k + 1
        kept[i, k] = Int32(truncatingIfNeeded: places(Int(indices[i, from])))
        lengths[i, k] = distances[i, from]
      }
    }
    return NearestNeighbors(indices: kept, distances: lengths)
  }
}
