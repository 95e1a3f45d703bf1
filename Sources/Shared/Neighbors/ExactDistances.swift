import Tensors

/// A point and its key: the squared Euclidean distance, or twice the cosine distance (the squared
/// distance of unit vectors).
struct Candidate: BitwiseCopyable, Sendable {
  var key: Double
  var index: Int32

  /// Nearer first, ties by index.
  static func precedes(_ a: Candidate, _ b: Candidate) -> Bool {
    a.key != b.key ? a.key < b.key : a.index < b.index
  }
}

/// The distances of queries and points that every search reports: from the differences, summed in
/// Double.
struct ExactDistances: Sendable {
  private let queries: Matrix<Float>
  private let points: Matrix<Float>
  /// 1 / |q| and 1 / |p| for cosine, 0 for zero rows; 1 for Euclidean distances. (M), (N)
  let queryScales: Buffer<Double>
  let pointScales: Buffer<Double>

  /// For rows of `queries` (M, d) and of `points` (N, d).
  init(from queries: Matrix<Float>, to points: Matrix<Float>, _ metric: Metric) {
    (self.queries, self.points) = (queries, points)
    queryScales = Self.scales(of: queries, metric)
    pointScales = Self.scales(of: points, metric)
  }

  /// The key of a query and a point; if it exceeds `bound`, any number above that.
  func key(_ query: Int, _ point: Int, upTo bound: Double = .infinity) -> Double {
    let (q, p) = (queries.row(query), points.row(point))
    let (a, b) = (queryScales[query], pointScales[point])
    if a == 0 || b == 0 { return 2 }
    var sum = 0.0
    for j in 0..<points.columns {
      let difference = a * Double(q[j]) - b * Double(p[j])
      sum += difference * difference
      if sum > bound { return sum }
    }
    return sum
  }

  private static func scales(of points: Matrix<Float>, _ metric: Metric) -> Buffer<Double> {
    if metric == .euclidean { return Buffer(repeating: 1, count: points.rows) }
    return parallelMap(points.rows) { i in
      let row = points.row(i)
      var sum = 0.0
      for j in 0..<points.columns { sum += Double(row[j]) * Double(row[j]) }
      return sum > 0 ? 1 / sum.squareRoot() : 0
    }
  }
}
