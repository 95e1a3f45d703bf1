// Inverted lists propose candidates, and exact distances decide, computed as in the exact search.
// Only points in lists that were not searched can be missing. The number of lists to search is
// measured on a sample of cells, not assumed.

import Tensors

/// How neighbors are searched.
package enum SearchMethod: String, Sendable, CaseIterable {
  /// `exact` up to `largestExactSearch` cells, `ivf` above.
  case auto
  /// All pairs are compared.
  case exact
  /// Inverted lists find nearly all of the neighbors.
  case ivf

  /// The largest number of cells that `auto` searches exactly: all their pairs take some seconds,
  /// as the lists do.
  package static let largestExactSearch = 50_000

  /// The method to use for that many cells: `exact` or `ivf`.
  package func resolved(cells: Int) -> SearchMethod {
    guard self == .auto else { return self }
    return cells <= Self.largestExactSearch ? .exact : .ivf
  }
}

/// Neighbors found by inverted lists, and their measured recall.
package struct ApproximateNeighbors: Sendable {
  /// The neighbors: exact distances, nearest first, ties by index among the candidates.
  package let nearest: NearestNeighbors
  /// The share of the sampled cells' neighbors that are as near as those of the exact search.
  package let recall: Double
  /// The number of sampled cells.
  package let sampledCells: Int
  /// The number of lists that hold the cells, and the mean number of cells that a cell is compared
  /// with.
  package let lists: Int
  package let probes: Double

  /// Whether all pairs were compared, because the lists found too few neighbors. This happens if a
  /// few cells are so far away that the other distances vanish beside theirs.
  package let isExact: Bool

  /// The largest shortfall of the recall by rounding.
  private static let tolerance = 0.01
  /// The number of cells whose neighbors are compared with the exact search's.
  private static let sampleSize = 1000

  /// The `count` nearest other rows of (nearly) every row of `points` (N, d); a row is not its own
  /// neighbor.
  ///
  /// - Parameters:
  ///   - recall: the share of neighbors to find, from 0 to 1; at least that share is found for a
  ///     sample of cells.
  ///   - progress: called with the number of points searched, rising, from any thread.
  /// - Throws: if `count` is not in 1..<N, or a value is not finite.
  package init(
    of points: Matrix<Float>, count: Int, metric: Metric = .euclidean, recall target: Double = 0.99,
    seed: UInt64 = 0, progress: @Sendable (_ done: Int) -> Void = { _ in }
  ) throws(NeighborsFault) {
    try requireEnough(points.rows - 1, for: count)
    try requireFinite(points, "the embedding")
    let exponent = SearchCoordinates.extremeExponent(of: points, metric)
    let index = InvertedLists(
      of: SearchCoordinates.scaled(points, down: exponent), metric, seed: seed)
    var generator = RandomGenerator(seed: seed.stream(.neighborSample))
    sampledCells = min(Self.sampleSize, points.rows)
    let sample = generator.permutation(points.rows).prefix(sampledCells).map { Int($0) }.sorted()
    let exact = try NearestNeighbors(
      of: points.selectingRows(sample), among: points, count: count, metric: metric, selves: sample)
    lists = index.count
    let reach = Self.reach(index.reaches(of: exact.indices, from: sample), target)
    let (candidates, compared) = index.search(count, reach: reach, progress)
    probes = Double(compared) / Double(points.rows)
    let found = NearestNeighbors(candidates, metric, exponent: exponent)
    let recall = Self.recall(of: found, exact, sample)
    isExact = recall < target - Self.tolerance
    (nearest, self.recall) =
      isExact
      ? (try NearestNeighbors(of: points, count: count, metric: metric, progress: progress), 1)
      : (found, recall)
  }

  /// `recall 0.994 on 1000 cells, 17 of 632 lists`.
  package var note: String {
    if isExact {
      return
        "the lists find too few, because the cells are too far apart for single precision; all pairs were compared"
    }
    let thousandths = Int((recall * 1000).rounded(.down))
    let digits = String(1000 + thousandths % 1000).dropFirst()
    return
      "recall \(thousandths / 1000).\(digits) on \(sampledCells) cells, \(Int(probes.rounded())) of \(lists) lists"
  }

  /// The smallest reach at which the searched lists hold the `target` share of neighbors. `reaches`
  /// holds the necessary reach of each.
  private static func reach(_ reaches: Buffer<Float>, _ target: Double) -> Float {
    let needed = Int((target * Double(reaches.count)).rounded(.up))
    return reaches.sorted()[max(0, min(needed, reaches.count) - 1)]
  }

  /// The share of neighbors no farther than the last one of the exact search, so that equal
  /// distances count alike.
  private static func recall(
    of nearest: NearestNeighbors, _ exact: NearestNeighbors, _ sample: [Int]
  ) -> Double {
    let count = nearest.indices.columns
    var hits = 0
    for (r, i) in sample.enumerated() {
      let farthest = exact.distances[r, count - 1]
      for k in 0..<count where nearest.distances[i, k] <= farthest { hits += 1 }
    }
    return Double(hits) / Double(sample.count * count)
  }
}

extension NearestNeighbors {
  /// The `count` nearest other rows of every row, or fewer if there are not that many. The number
  /// of cells decides the method, as `auto` does. (N, k)
  ///
  /// - Throws: if there are fewer than two rows, or a value is not finite.
  package static func automatic(
    of points: Matrix<Float>, count: Int, metric: Metric = .euclidean, seed: UInt64
  ) throws(NeighborsFault) -> NearestNeighbors {
    let count = max(1, min(count, points.rows - 1))
    if SearchMethod.auto.resolved(cells: points.rows) == .exact {
      return try NearestNeighbors(of: points, count: count, metric: metric)
    }
    return try ApproximateNeighbors(of: points, count: count, metric: metric, seed: seed).nearest
  }
}
