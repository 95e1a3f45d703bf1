import Tensors

/// Points in Double, sorted by cluster. They are moved so that their mean is the origin: distances
/// do not change, and cancellation is less.
///
/// N cells, K clusters, D dimensions.
struct GroupedPoints: Sendable {
  /// The points, the cells of cluster 0 first. (N, D)
  let points: Matrix<Double>
  /// The start of each cluster's rows; K + 1 values.
  let starts: [Int]
  /// The label of each cluster, rising. (K)
  let labels: [Int]

  var clusterCount: Int { starts.count - 1 }
  var cellCount: Int { points.rows }
  var dimensions: Int { points.columns }

  /// Throws if labels and points differ in number, there are none, or a coordinate is not finite.
  init(_ points: Matrix<some Real>, labels: [Int]) throws(MetricsFault) {
    guard labels.count == points.rows else {
      throw .unequalCounts(labels: labels.count, cells: points.rows)
    }
    guard points.rows > 0 else { throw .noCells }
    if let bad = points.firstNonFinite {
      throw .notFinite(row: bad.row, column: bad.column)
    }
    let (ranks, distinct) = numbered(labels)
    var starts = [0]
    for size in sizes(ranks, groups: distinct.count) { starts.append((starts.last ?? 0) + size) }
    var next = starts
    var order = Array(repeating: 0, count: ranks.count)
    for (cell, rank) in ranks.enumerated() {
      order[next[rank]] = cell
      next[rank] += 1
    }
    self.starts = starts
    self.labels = distinct
    self.points = centered(points.selectingRows(order).converted(to: Double.self))
  }

  /// The mean of every cluster. (K, D)
  func centers() -> Matrix<Double> {
    var result = Matrix<Double>.zeros(clusterCount, dimensions)
    for cluster in 0..<clusterCount {
      let rows = starts[cluster]..<starts[cluster + 1]
      for (j, value) in mean(of: points, rows: rows).enumerated() { result[cluster, j] = value }
    }
    return result
  }
}

/// The mean of some rows.
private func mean(of points: Matrix<Double>, rows: Range<Int>) -> [Double] {
  var sum = Array(repeating: 0.0, count: points.columns)
  for i in rows {
    let row = points.row(i)
    for j in 0..<points.columns { sum[j] += row[j] }
  }
  return sum.map { $0 / Double(rows.count) }
}

/// The points minus their mean.
private func centered(_ points: Matrix<Double>) -> Matrix<Double> {
  let center = mean(of: points, rows: 0..<points.rows)
  var result = points
  var elements = result.elements.mutableSpan
  for i in 0..<points.rows {
    for j in 0..<points.columns { elements[i * points.columns + j] -= center[j] }
  }
  return result
}
