import Tensors

/// Points in the form that products compare: (−2 (q − c), 1) · (p − c, |p − c|²) orders the points
/// p of a query q by their distance. c is the mean point.
enum SearchCoordinates {
  /// The exponent of the largest coordinate if its square might overflow or vanish as Float; else
  /// 0.
  static func extremeExponent(of points: Matrix<Float>, _ metric: Metric) -> Int {
    let largest = points.elements.reduce(Float(0)) { max($0, $1.magnitude) }
    guard metric == .euclidean, largest > 0, abs(Int(largest.exponent)) > 30 else { return 0 }
    return Int(largest.exponent)
  }

  /// The points times 2^−exponent, which changes no digit. (N, d)
  static func scaled(_ points: Matrix<Float>, down exponent: Int) -> Matrix<Float> {
    if exponent == 0 { return points }
    let factor = Double(sign: .plus, exponent: -exponent, significand: 1)
    return Matrix(
      rows: points.rows, columns: points.columns,
      elements: parallelMap(points.elements.count, tileSize: 65536) {
        Float(Double(points.elements[$0]) * factor)
      })
  }

  /// The points as unit vectors, whose distances give the order of the cosine. Zeros get a separate
  /// direction, a further coordinate. (N, d) or (N, d + 1)
  static func directions(_ points: Matrix<Float>, _ scales: Buffer<Double>) -> Matrix<Float> {
    let hasZeros = scales.indices.contains { scales[$0] == 0 }
    let width = points.columns + (hasZeros ? 1 : 0)
    var result = Matrix<Float>(repeating: 0, rows: points.rows, columns: width)
    parallelRows(of: &result) { rows, out in
      for (r, i) in rows.enumerated() {
        let row = points.row(i)
        for j in 0..<points.columns { out[r * width + j] = Float(Double(row[j]) * scales[i]) }
        if scales[i] == 0 { out[r * width + points.columns] = 1 }
      }
    }
    return result
  }

  /// The mean point; zeros for cosine, for which all points are unit vectors. (d)
  static func center(of points: Matrix<Float>, _ metric: Metric) -> Buffer<Double> {
    var sums = Buffer<Double>(repeating: 0, count: points.columns)
    if metric == .cosine { return sums }
    var span = sums.mutableSpan
    for i in 0..<points.rows {
      let row = points.row(i)
      for j in 0..<points.columns { span[j] += Double(row[j]) }
    }
    for j in 0..<points.columns { span[j] /= Double(max(1, points.rows)) }
    return sums
  }

  /// The points minus `center`, each times its scale. (N, d)
  static func centered(
    _ points: Matrix<Float>, _ center: Buffer<Double>, _ scales: Buffer<Double>
  ) -> Matrix<Float> {
    var result = Matrix<Float>(uninitializedRows: points.rows, columns: points.columns)
    parallelRows(of: &result) { rows, out in
      for (r, i) in rows.enumerated() {
        let row = points.row(i)
        for j in 0..<points.columns {
          out[r * points.columns + j] = Float((Double(row[j]) - center[j]) * scales[i])
        }
      }
    }
    return result
  }

  static func squaredNorms(_ points: Matrix<Float>) -> Buffer<Double> {
    parallelMap(points.rows) { i in
      let row = points.row(i)
      var sum = 0.0
      for j in 0..<points.columns { sum += Double(row[j]) * Double(row[j]) }
      return sum
    }
  }

  /// Centered rows with one more column: `last`, or the row's squared norm if that is nil. (N, d +
  /// 1)
  static func proposals(_ centered: Matrix<Float>, last: Float? = nil) -> Matrix<Float> {
    let norms = last == nil ? squaredNorms(centered) : Buffer<Double>([])
    let width = centered.columns + 1
    var result = Matrix<Float>(uninitializedRows: centered.rows, columns: width)
    parallelRows(of: &result) { rows, out in
      for (r, i) in rows.enumerated() {
        let row = centered.row(i)
        for j in 0..<width - 1 { out[r * width + j] = row[j] }
        out[r * width + width - 1] = last ?? Float(norms[i])
      }
    }
    return result
  }

  /// Some rows of centered points, or of proposals, as queries with that many coordinates.
  /// (rows.count, d + 1)
  static func probes(
    _ points: Matrix<Float>, coordinates: Int, rows: some Collection<Int>
  ) -> Matrix<Float> {
    let width = coordinates + 1
    var result = Matrix<Float>(uninitializedRows: rows.count, columns: width)
    var out = result.elements.mutableSpan
    for (r, i) in rows.enumerated() {
      let row = points.row(i)
      for j in 0..<coordinates { out[r * width + j] = -2 * row[j] }
      out[r * width + coordinates] = 1
    }
    return result
  }

  /// The keys that order `proposals` (L, d + 1) by their distance from each of some queries (M, d +
  /// 1), or from some rows of them. (rows · L)
  static func keys(
    of proposals: Matrix<Float>, to queries: Matrix<Float>, rows: Range<Int>? = nil
  ) -> Buffer<Float> {
    let rows = rows ?? 0..<queries.rows
    var keys = Buffer<Float>(uninitializedCount: rows.count * proposals.rows)
    var scratch = keys.mutableSpan
    multiplyTile(
      queries, rows: rows, transposed: proposals, rows: 0..<proposals.rows, into: &scratch)
    return keys
  }
}
