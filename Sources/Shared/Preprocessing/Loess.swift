// Local regression as Cleveland and Grosse's dloess computes it, for one predictor and degree 2.
// The fit is solved only at the vertices of a k-d tree over the points. Cubic Hermite polynomials
// blend between them. (Cleveland, Grosse: Computational methods for local regression, Statistics
// and Computing 1, 1991.)

import Glibc

/// A smooth curve through points (x, y).
struct Loess {
  /// The curve at the points given, in their order.
  let values: [Double]

  /// Fits points by local quadratics over the nearest ⌊span · n⌋ of them, tricube weights.
  ///
  /// Leaves of the tree hold at most ⌊span · cell · n⌋ points. If the points near a vertex do not
  /// determine a quadratic, the degree falls to the one that they determine.
  init(x: [Double], y: [Double], span: Double, cell: Double = 0.2) {
    precondition(x.count == y.count, "\(x.count) abscissas, \(y.count) ordinates")
    let order = x.indices.sorted { x[$0] != x[$1] ? x[$0] < x[$1] : $0 < $1 }
    let (xs, ys) = (order.map { x[$0] }, order.map { y[$0] })
    guard let first = xs.first, let last = xs.last, first < last else {
      let mean = y.isEmpty ? 0 : y.reduce(0, +) / Double(y.count)
      values = y.map { _ in mean }
      return
    }
    let n = xs.count
    let leaf = Int((Double(n) * span * cell).rounded(.down))
    let neighbors = min(n, max(2, Int((Double(n) * span + 1e-5).rounded(.down))))
    let vertices = Self.vertices(xs, leaf: max(1, leaf))
    let fits = vertices.map { LocalQuadratic(at: $0, xs, ys, neighbors: neighbors) }
    var smooth = [Double](repeating: 0, count: n)
    var segment = 0
    for (rank, i) in order.enumerated() {
      while segment + 2 < vertices.count && xs[rank] > vertices[segment + 1] { segment += 1 }
      smooth[i] = Self.blend(xs[rank], vertices, fits, segment)
    }
    values = smooth
  }

  /// The cubic with the fits' values and slopes at both ends of a segment.
  private static func blend(
    _ x: Double, _ vertices: [Double], _ fits: [LocalQuadratic], _ segment: Int
  ) -> Double {
    let (left, right) = (fits[segment], fits[segment + 1])
    let width = vertices[segment + 1] - vertices[segment]
    let h = (x - vertices[segment]) / width
    let rest = 1 - h
    return rest * rest * (1 + 2 * h) * left.value + h * h * (3 - 2 * h) * right.value
      + width * (h * rest * rest * left.slope - h * h * rest * right.slope)
  }

  /// The cut points of the tree over sorted points, with both ends of the bounding box, rising.
  private static func vertices(_ x: [Double], leaf: Int) -> [Double] {
    let (low, high) = (x[0], x[x.count - 1])
    let margin = 0.005 * max(high - low, 1e-10 * max(abs(low), abs(high)) + 1e-30)
    var result = [low - margin, high + margin]
    var pending = [(0, x.count - 1, low - margin, high + margin)]
    while let (first, last, left, right) = pending.popLast() {
      if last - first + 1 <= leaf { continue }
      let cut = cutPosition(x, first, last)
      if x[cut] == left || x[cut] == right { continue }
      result.append(x[cut])
      pending.append((first, cut, left, x[cut]))
      pending.append((cut + 1, last, x[cut], right))
    }
    return result.sorted()
  }

  /// The position nearest to the middle that is followed by a larger value; the middle if there is
  /// none.
  private static func cutPosition(_ x: [Double], _ first: Int, _ last: Int) -> Int {
    let middle = (first + last + 2) / 2 - 1
    var offset = 0
    while middle + offset < last && middle + offset >= first {
      if x[middle + offset] != x[middle + offset + 1] { return middle + offset }
      offset = -offset
      if offset >= 0 { offset += 1 }
    }
    return middle
  }
}

/// The value and the slope at one place of the quadratic fitted to the points around it.
private struct LocalQuadratic {
  let value: Double
  let slope: Double

  init(at center: Double, _ x: [Double], _ y: [Double], neighbors: Int) {
    let window = Self.window(around: center, x, neighbors)
    let radius = window.reduce(0) { max($0, abs(x[$1] - center)) }
    // Columns 1, t, t² of t = (x − center) / radius, orthonormalised under the weights one after
    // another.
    var basis: [[Double]] = []
    var coefficients: [(weight: Double, polynomial: [Double])] = []
    let t = window.map { (x[$0] - center) / max(radius, .leastNormalMagnitude) }
    let roots = t.map { pow(1 - abs($0 * $0 * $0), 1.5) }
    for degree in 0...2 {
      var column = zip(t, roots).map { pow($0, Double(degree)) * $1 }
      var polynomial = (0...2).map { $0 == degree ? 1.0 : 0 }
      let scale = dot(column, column).squareRoot()
      for _ in 0..<2 {
        for (earlier, done) in zip(basis, coefficients) {
          let overlap = dot(column, earlier)
          for i in column.indices { column[i] -= overlap * earlier[i] }
          for d in 0...2 { polynomial[d] -= overlap * done.polynomial[d] }
        }
      }
      let length = dot(column, column).squareRoot()
      if !(length > scale * 1e-10) { continue }
      for i in column.indices { column[i] /= length }
      let projection = zip(window, column).enumerated().reduce(0) {
        $0 + y[$1.1.0] * roots[$1.0] * $1.1.1
      }
      basis.append(column)
      coefficients.append((projection, polynomial.map { $0 / length }))
    }
    value = coefficients.reduce(0) { $0 + $1.weight * $1.polynomial[0] }
    slope =
      coefficients.reduce(0) { $0 + $1.weight * $1.polynomial[1] }
      / max(radius, .leastNormalMagnitude)
  }

  /// The `count` points nearest to `center` among sorted ones.
  private static func window(around center: Double, _ x: [Double], _ count: Int) -> Range<Int> {
    var (low, high) = (0, x.count)
    while low < high {
      let middle = (low + high) / 2
      if x[middle] < center { low = middle + 1 } else { high = middle }
    }
    var (first, end) = (low, low)
    while end - first < count {
      if first == 0 {
        end += 1
      } else if end == x.count || center - x[first - 1] <= x[end] - center {
        first -= 1
      } else {
        end += 1
      }
    }
    return first..<end
  }
}

private func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for i in a.indices { sum += a[i] * b[i] }
  return sum
}
