import Tensors

/// Points as the index takes them: Euclidean distances that put them in the metric's order, filled up with zeros to whole groups of
/// eight coordinates.
///
/// Euclidean points are divided by a power of two (which changes no digit) so that no square overflows. For cosine the rows
/// have length 1, and rows of zeros become a direction of their own, as far from all others as their distance of 1 says.
struct IndexedCoordinates {
  /// Coordinates a point, a multiple of 8.
  let dimensions: Int
  private let points: Matrix<Float>
  private let metric: Metric
  private let factor: Double

  init(of points: Matrix<Float>, _ metric: Metric) {
    (self.points, self.metric) = (points, metric)
    dimensions = max(8, (points.columns + (metric == .cosine ? 1 : 0) + 7) / 8 * 8)
    let largest = points.elements.reduce(Float(0)) { max($0, $1.magnitude) }
    factor =
      largest > 0 ? 1 / Double(sign: .plus, exponent: Int(largest.exponent), significand: 1) : 1
  }

  /// The rows named, ready to insert. (rows.count, dimensions)
  func rows(_ rows: Range<Int>) -> Matrix<Float> {
    var result = Matrix<Float>.zeros(rows.count, dimensions)
    var out = result.elements.mutableSpan
    for (r, i) in rows.enumerated() {
      let (row, start) = (points.row(i), r * dimensions)
      let scale = metric == .cosine ? reciprocalLength(i) : factor
      if scale == 0 { out[start + points.columns] = 1 }
      for j in 0..<points.columns { out[start + j] = Float(Double(row[j]) * scale) }
    }
    return result
  }

  /// 1 / |p|, 0 for a row of zeros.
  private func reciprocalLength(_ i: Int) -> Double {
    let row = points.row(i)
    var sum = 0.0
    for j in 0..<points.columns { sum += Double(row[j]) * Double(row[j]) }
    return sum > 0 ? 1 / sum.squareRoot() : 0
  }
}
