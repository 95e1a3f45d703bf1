// Whether points are of a kind that a reference has not. Distances to the reference alone do not
// show it: a new kind of cell is often as near to the kind most like it as that is wide. But its
// cells are nearer to each other than to any cell of the reference. A kind that the reference has
// few cells of is like that too; its cells are found by being no farther from these few than the
// few are from each other. How often that is right: docs/benchmarks-tasks.md.

import Glibc
import Tensors

/// Which of new points are of no kind that a reference has, by their places in one space.
package struct Novelty: Sendable {
  /// How much farther the reference is than the other new points; 1 where both are as near. (M)
  package let gaps: [Double]
  /// Whether neither the gap nor the distance to the reference speaks for one of its kinds. (M)
  package let isNovel: [Bool]

  /// Gaps above this one speak against the reference.
  package static let largestGap = 1.03
  /// The share of a cluster's own points that are as far from others of it.
  package static let usualShare = 0.9

  /// Scores M new points.
  ///
  /// With the mean distances r to the k nearest of the reference, and q to those of the new points,
  /// the gap is r / q. Beside it stands r over the mean of what these k have as their own r. Both
  /// are geometric means over a point and its nearest new points. The second one is compared with
  /// the points of the reference in the same cluster. Of more new points than the reference has, as
  /// many in even steps are compared with.
  ///
  /// - Parameters:
  ///   - points: of the new cells. (M, d)
  ///   - reference: (N, d)
  ///   - labels: the clusters of the reference, −1 for none. (N)
  ///   - votes: the clusters that the new points are given. (M)
  ///   - count: k; fewer where there are fewer points.
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
    // One of them is its own nearest: the one more is taken out again.
    let found = try NearestNeighbors(
      of: points, among: points.selectingRows(chosen), count: count + 1)
    return found.leavingOut { row, place in
      chosen[place] == row
    } places: {
      chosen[$0]
    }
  }

  /// What 9 of 10 points of a cluster do not pass; of clusters of ten points and more.
  private static func limits(_ values: [Double], _ labels: [Int]) -> [Int: Double] {
    Dictionary(grouping: values.indices.filter { labels[$0] >= 0 }) { labels[$0] }
      .filter { $0.value.count >= 10 }.mapValues { rows in quantile(rows.map { values[$0] }) }
  }

  private static func quantile(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted[min(sorted.count - 1, Int(usualShare * Double(sorted.count)))]
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

  /// The same with one neighbor less a row: the first that `isLeft` names, or else the farthest.
  /// `places` renames what is kept.
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
