// The index proposes, exact distances decide: each cell gets a few more candidates than it needs, the lists are mended where
// they contradict each other, distances are computed as the exact search does, and only which cells were never proposed can
// differ from its result. How often that happens is measured on a sample of cells, not assumed.

import Tensors

/// How neighbors are searched.
package enum SearchMethod: String, Sendable, CaseIterable {
  /// `exact` up to `largestExactSearch` cells, `hnsw` above.
  case auto
  /// All pairs are compared.
  case exact
  /// An index finds nearly all of them.
  case hnsw

  /// The most cells that `auto` searches exactly.
  ///
  /// On 100,000 cells in 50 dimensions all pairs take about 1 ns of processor time each, shared by the threads, and the index about 0.5 ms
  /// a cell, nearly all in insertions, which one thread has to make. With two threads the lines cross near a million cells
  /// (extrapolated, not measured); with more threads beyond.
  package static let largestExactSearch = 1_000_000

  /// The method to use for that many cells: `exact` or `hnsw`.
  package func resolved(cells: Int) -> SearchMethod {
    guard self == .auto else { return self }
    return cells <= Self.largestExactSearch ? .exact : .hnsw
  }
}

/// Neighbors found with an index of navigable small worlds, and how good they are.
package struct ApproximateNeighbors: Sendable {
  /// What was found: exact distances, nearest first, ties by index among those found.
  package let nearest: NearestNeighbors
  /// The share of the sampled cells' neighbors that are as near as the exact search's.
  package let recall: Double
  /// How many cells were sampled.
  package let sampledCells: Int

  /// Cells whose neighbors are compared with the exact search's.
  private static let sampleSize = 1000
  /// Candidates beyond those wanted, so that rounding in the index does not decide.
  private static let spare = 8
  /// Cells that are prepared for the index at a time.
  private static let batch = 4096

  /// The `count` nearest other rows of (nearly) every row of `points` (N, d), a row being no neighbor of its own.
  ///
  /// One thread builds the index, so that the result depends on the points and the seed alone.
  ///
  /// - Parameter progress: called with the number of points that the index holds.
  /// - Throws: where `count` is not in 1..<N, a value is not finite, or there is no memory for the index.
  package init(
    of points: Matrix<Float>, count: Int, metric: Metric = .euclidean, seed: UInt64 = 0,
    progress: (_ done: Int) -> Void = { _ in }
  ) throws(NeighborsFault) {
    try requireEnough(points.rows - 1, for: count)
    try requireFinite(points, "the embedding")
    try self.init(
      proposed: Self.proposals(points, count, metric, seed, progress), of: points, count: count,
      metric: metric, seed: seed)
  }

  /// The same from what any index proposes for every row: numbers of other rows, −1 for none. (N, any)
  package init(
    proposed: Matrix<Int32>, of points: Matrix<Float>, count: Int, metric: Metric = .euclidean,
    seed: UInt64 = 0
  ) throws(NeighborsFault) {
    precondition(proposed.rows == points.rows, "proposals for \(proposed.rows) of \(points.rows)")
    let refinement = NeighborRefinement(of: points, metric)
    let joined = refinement.joined(refinement.settled(proposed, count: count))
    nearest = NearestNeighbors(refinement.searchedAgain(joined), metric)
    sampledCells = min(Self.sampleSize, points.rows)
    recall = try Self.recall(of: nearest, sampledCells, points, metric, seed)
  }

  /// `recall 0.987 on 1000 cells`, with advice where that is little.
  package var note: String {
    let thousandths = Int((recall * 1000).rounded(.down))
    let digits = String(1000 + thousandths % 1000).dropFirst()
    let text = "recall \(thousandths / 1000).\(digits) on \(sampledCells) cells"
    return recall < 0.9 ? text + "; --method exact finds all neighbors" : text
  }

  /// What the index proposes for every point; −1 where it reached fewer. (N, at least `count`)
  private static func proposals(
    _ points: Matrix<Float>, _ count: Int, _ metric: Metric, _ seed: UInt64,
    _ progress: (Int) -> Void
  ) throws(NeighborsFault) -> Matrix<Int32> {
    let prepared = IndexedCoordinates(of: points, metric)
    let index = try NavigableIndex(
      capacity: points.rows, dimensions: prepared.dimensions, seed: seed)
    for number in 0..<tileCount(points.rows, of: batch) {
      let rows = tile(number, of: batch, in: points.rows)
      try index.insert(prepared.rows(rows))
      progress(rows.upperBound)
    }
    return try index.neighbors(min(count + spare, points.rows - 1))
  }

  /// The share of neighbors no farther than the last one that the exact search finds: of equal distances any will do.
  private static func recall(
    of nearest: NearestNeighbors, _ sampled: Int, _ points: Matrix<Float>, _ metric: Metric,
    _ seed: UInt64
  ) throws(NeighborsFault) -> Double {
    var generator = RandomGenerator(seed: seed.stream(.approximateNeighbors))
    let cells = generator.permutation(points.rows).prefix(sampled).sorted()
    let count = nearest.indices.columns
    let exact = try NearestNeighbors(
      of: points.selectingRows(cells), among: points, count: count, metric: metric, selves: cells)
    var hits = 0
    for (r, i) in cells.enumerated() {
      let farthest = exact.distances[r, count - 1]
      for k in 0..<count where nearest.distances[i, k] <= farthest { hits += 1 }
    }
    return Double(hits) / Double(sampled * count)
  }
}

extension NearestNeighbors {
  /// The `count` nearest other rows of every row (fewer where there are not so many), by the method that `auto` takes for so many cells. (N, k)
  ///
  /// - Throws: where there are fewer than two rows, or a value is not finite.
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
