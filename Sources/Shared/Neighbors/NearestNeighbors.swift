// Exact search by products: |q − p|² = |q|² + |p|² − 2 q·p, tile by tile. So BLAS does nearly all
// of the work, and nothing of size N × N exists. The products are Float; they only propose k + 16
// candidates for each row. Their distances are then computed from the differences in Double. The
// row is accepted if the bound on the products' rounding shows that no other point is among the k
// nearest. Otherwise (many equal distances) the row is searched exactly. 10,000 × 50 takes about
// 0.4 s on one core.

import Tensors

/// The distance between two cells.
package enum Metric: String, Sendable, CaseIterable {
  /// |q − p|.
  case euclidean
  /// 1 − cos(q, p); 1 if either is zero.
  case cosine
}

/// The nearest neighbours of each cell, nearest first, ties by index.
package struct NearestNeighbors: Sendable {
  /// The indices of the neighbors. (queries, k)
  package let indices: Matrix<Int32>
  /// The distances of the neighbors. (queries, k)
  package let distances: Matrix<Float>

  /// The `count` nearest other rows of every row of `points` (N, d); a row is not its own neighbor.
  ///
  /// - Parameter progress: called with the number of completed rows, rising, from any thread.
  /// - Throws: if `count` is not in 1..<N, or a value is not finite.
  package init(
    of points: Matrix<Float>, count: Int, metric: Metric = .euclidean,
    progress: @Sendable (_ done: Int) -> Void = { _ in }
  ) throws(NeighborsFault) {
    try self.init(
      of: points, among: points, count: count, metric: metric, selves: Array(0..<points.rows),
      progress: progress)
  }

  /// The `count` nearest rows of `points` (N, d) for every row of `queries` (M, d).
  ///
  /// - Parameters:
  ///   - selves: for every query the row of `points` that is the query itself, to be left out; nil
  ///     if the sets have no common points.
  ///   - progress: called with the number of completed queries, rising, from any thread.
  /// - Throws: if there are fewer than `count` points to choose from, or a value is not finite.
  package init(
    of queries: Matrix<Float>, among points: Matrix<Float>, count: Int,
    metric: Metric = .euclidean, selves: [Int]? = nil,
    progress: @Sendable (_ done: Int) -> Void = { _ in }
  ) throws(NeighborsFault) {
    precondition(
      queries.columns == points.columns, "\(queries.columns) ≠ \(points.columns) columns")
    precondition(selves.map { $0.count == queries.rows } ?? true, "one self a query")
    let available = points.rows - (selves == nil ? 0 : 1)
    try requireEnough(available, for: count)
    try requireFinite(points, "the embedding")
    if selves == nil || queries.rows != points.rows { try requireFinite(queries, "the embedding") }
    let exponent = max(
      SearchCoordinates.extremeExponent(of: points, metric),
      SearchCoordinates.extremeExponent(of: queries, metric))
    let search = NeighborSearch(
      SearchCoordinates.scaled(queries, down: exponent),
      SearchCoordinates.scaled(points, down: exponent), selves, metric, count: count,
      available: available)
    self.init(search.run(progress), metric, exponent: exponent)
  }

  /// Neighbors that are already known.
  init(indices: Matrix<Int32>, distances: Matrix<Float>) {
    (self.indices, self.distances) = (indices, distances)
  }

  /// Neighbors from a search, in order, among points that were divided by 2^`exponent`. (queries,
  /// k)
  init(_ found: Matrix<Candidate>, _ metric: Metric, exponent: Int) {
    let unit = Double(sign: .plus, exponent: exponent, significand: 1)
    indices = Matrix(
      rows: found.rows, columns: found.columns,
      elements: parallelMap(found.elements.count, tileSize: 65536) { found.elements[$0].index })
    distances = Matrix(
      rows: found.rows, columns: found.columns,
      elements: parallelMap(found.elements.count, tileSize: 65536) { i in
        let key = found.elements[i].key
        return Float(metric == .euclidean ? key.squareRoot() * unit : key / 2)
      })
  }
}

/// Throws if more neighbors are requested than there are other points, or none.
func requireEnough(_ available: Int, for count: Int) throws(NeighborsFault) {
  guard count >= 1 else {
    throw NeighborsFault(kind: .usage, "\(count) neighbors; ask for 1 or more besides the cell")
  }
  guard count <= available else {
    throw NeighborsFault(
      "\(count) neighbors requested besides the cell, but there are only \(max(0, available)) other cells; ask for fewer"
    )
  }
}
