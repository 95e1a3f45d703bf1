import Tensors

/// The sum of every cluster's points, and their number. K clusters, D dimensions.
struct ClusterSums {
  /// (K, D)
  private(set) var sums: Matrix<Double>
  /// (K)
  private(set) var counts: [Int]

  /// Rows that are summed together; fixed, so that the order of addition is fixed.
  private static let tileRows = 2048

  /// Clusters without points.
  init(clusters: Int, dimensions: Int) {
    sums = .zeros(clusters, dimensions)
    counts = Array(repeating: 0, count: clusters)
  }

  /// Sums all points (N, D) by their labels (N, 1), tile after tile.
  mutating func sum(_ points: Matrix<Double>, by labels: Matrix<Int32>) {
    let (n, dimensions) = (points.rows, points.columns)
    let tiles = tileCount(n, of: Self.tileRows)
    var partial = Matrix<Double>.zeros(tiles, sums.elements.count)
    parallelRows(of: &partial, tileSize: 1) { range, target in
      let (values, labels) = (points.elements.span, labels.elements.span)
      for i in tile(range.lowerBound, of: Self.tileRows, in: n) {
        let base = Int(labels[i]) * dimensions
        for j in 0..<dimensions { target[base + j] += values[i * dimensions + j] }
      }
    }
    self = ClusterSums(clusters: counts.count, dimensions: dimensions)
    for number in 0..<tiles { Self.add(partial.row(number), to: &sums.elements) }
    let own = labels.elements.span
    for i in own.indices { counts[Int(own[i])] += 1 }
  }

  /// Moves the points whose label changed from one cluster's sums to another's.
  mutating func move(
    _ rows: [Int], of points: Matrix<Double>, from before: Matrix<Int32>, to labels: Matrix<Int32>
  ) {
    let (old, new) = (before.elements.span, labels.elements.span)
    for i in rows where old[i] != new[i] {
      Self.add(points.row(i), scale: -1, to: &sums.elements, from: Int(old[i]) * points.columns)
      Self.add(points.row(i), to: &sums.elements, from: Int(new[i]) * points.columns)
      counts[Int(old[i])] -= 1
      counts[Int(new[i])] += 1
    }
  }

  private static func add(
    _ row: Span<Double>, scale: Double = 1, to sums: inout Buffer<Double>, from base: Int = 0
  ) {
    var sums = sums.mutableSpan
    for j in row.indices { sums[base + j] += scale * row[j] }
  }
}
