import Tensors

/// The nearest centers of points. They are searched in single precision, in registers. Where
/// rounding could decide, the distances are computed in double precision. So the result is that of
/// exact distances, with any kernels.
///
/// N points, K centers, D dimensions.
package struct NearestCenters {
  private let points: Matrix<Double>
  /// The points in single precision. (N, D)
  private let queries: Matrix<Float>
  /// |x|² of every point. (N)
  private let squares: Buffer<Double>
  /// The largest |x|.
  let farthest: Double

  /// Points that one thread compares at a time.
  private static let tileRows = 256
  /// Longer vectors would overflow in single precision.
  private static let longest = 1e18

  package init(of points: Matrix<Double>) {
    self.points = points
    queries = Self.rounded(points)
    squares = squaredLengths(of: points)
    farthest = Self.largest(squares).squareRoot()
  }

  /// The nearest center (the first of equals) of some points, in ascending order. With it are a
  /// bound above the distance to it, and a bound below the distance to any other. (rows.count, 3)
  package func nearest(_ rows: [Int], among centers: Matrix<Double>) -> Matrix<Double> {
    let lengths = squaredLengths(of: centers)
    let panels = Self.panels(of: centers, lengths)
    let reach = Self.largest(lengths).squareRoot()
    var result = Matrix<Double>(uninitializedRows: rows.count, columns: 3)
    parallelRows(of: &result, tileSize: Self.tileRows) { part, out in
      let (queries, first) = queries(of: rows[part])
      var list = Shortlist(rows: part.count, capacity: 2)
      list.offer(0..<panels.count, of: panels, to: queries, from: first)
      for r in 0..<part.count {
        let i = rows[part.lowerBound + r]
        let error = error(of: i, reach: reach)
        let (one, two) = (list.entry(r, 0), list.entry(r, 1))
        let (least, next) = (Double(one.key), Double(two.key))
        if one.point >= 0 && next - least > 2 * error {
          out[3 * r] = Double(one.point)
          out[3 * r + 1] = max(0, least + squares[i] + error).squareRoot()
          out[3 * r + 2] = max(0, next + squares[i] - error).squareRoot()
        } else {
          (out[3 * r], out[3 * r + 1], out[3 * r + 2]) = exact(i, centers)
        }
      }
    }
    return result
  }

  /// A bound above the error of |c|² − 2 x·c in single precision, for |c| ≤ reach: the rounding of
  /// D + 4 terms, and underflow.
  private func error(of i: Int, reach: Double) -> Double {
    let length = squares[i].squareRoot()
    if max(length, reach) > Self.longest { return .infinity }
    let terms = Double(points.columns + 4)
    return terms * (0x1.1p-24 * (reach + 2 * length) * reach + 1e-37 * (1 + length + reach))
  }

  /// The nearest center of a point and the distances to it and to the next, by all distances.
  private func exact(_ i: Int, _ centers: Matrix<Double>) -> (Double, Double, Double) {
    var (best, least, next) = (0, Double.infinity, Double.infinity)
    for j in 0..<centers.rows {
      let distance = squaredDistance(points.row(i), centers.row(j))
      if distance < least {
        (best, least, next) = (j, distance, least)
      } else if distance < next {
        next = distance
      }
    }
    return (Double(best), least.squareRoot(), next.squareRoot())
  }

  /// Queries of some points, and the row of the first of them.
  private func queries(of rows: ArraySlice<Int>) -> (Matrix<Float>, first: Int) {
    guard let first = rows.first, let last = rows.last else { return (queries, 0) }
    if last - first + 1 == rows.count { return (queries, first) }
    var chosen = Matrix<Float>(uninitializedRows: rows.count, columns: queries.columns)
    var out = chosen.elements.mutableSpan
    let columns = queries.columns
    for (r, i) in rows.enumerated() {
      let row = queries.row(i)
      for k in 0..<columns { out[r * columns + k] = row[k] }
    }
    return (chosen, 0)
  }

  /// The points in single precision. Written out, because generic code of another module is slow.
  private static func rounded(_ points: Matrix<Double>) -> Matrix<Float> {
    var result = Matrix<Float>(uninitializedRows: points.rows, columns: points.columns)
    parallelRows(of: &result) { rows, out in
      let (values, base) = (points.elements.span, rows.lowerBound * points.columns)
      for k in out.indices { out[k] = Float(values[base + k]) }
    }
    return result
  }

  /// The largest of some numbers, or 0.
  private static func largest(_ numbers: Buffer<Double>) -> Double {
    let numbers = numbers.span
    var largest = 0.0
    for i in numbers.indices where numbers[i] > largest { largest = numbers[i] }
    return largest
  }

  /// −2 c of every center, with the number |c|².
  private static func panels(of centers: Matrix<Double>, _ lengths: Buffer<Double>) -> PointPanels {
    let columns = centers.columns
    var rows = Matrix<Float>(uninitializedRows: centers.rows, columns: columns + 1)
    var out = rows.elements.mutableSpan
    for j in 0..<centers.rows {
      let (center, base) = (centers.row(j), j * (columns + 1))
      for k in 0..<columns { out[base + k] = Float(-2 * center[k]) }
      out[base + columns] = Float(lengths[j])
    }
    return PointPanels(rows)
  }
}
