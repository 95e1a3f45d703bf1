// Every distance is needed once and none is kept. One product gives the squared distances of a
// block of rows to a block of columns. They are summed by cluster, and the block is used again.
// Cells are sorted by cluster, so that a sum runs over neighboring columns.

import Glibc
import Tensors

/// The mean silhouette width (Rousseeuw 1987) with Euclidean distances: the mean of (b − a) /
/// max(a, b) over the cells. a is the mean distance to the other cells of the cell's cluster, b the
/// smallest mean distance to another cluster. A cell alone in its cluster has 0.
package struct Silhouette: Sendable {
  /// The mean width, from −1 to 1.
  package let mean: Double
  /// The mean width of every cluster, by rising label.
  package let clusterMeans: [Double]
  /// The label of every cluster, rising, and the start of its widths; the last is N.
  private let labels, starts: [Int]
  /// The widths of all cells used, by rising label.
  package let widths: [Double]
  /// The number of cells from which it was computed.
  package let cells: Int
  /// Whether they are a random sample of all cells.
  package let isSampled: Bool

  /// The widths of the cells of every cluster.
  package var byCluster: [(label: Int, widths: [Double])] {
    labels.enumerated().map { ($1, Array(widths[starts[$0]..<starts[$0 + 1]])) }
  }

  /// The number of cells past which a sample is used.
  package static let largestExact = 20_000

  /// Computes it in O(N² D) time and O(N) memory, exactly up to `limit` cells. Past that it uses a
  /// seeded sample of `limit` cells (distances among these only). nil for fewer than two clusters
  /// or as many clusters as cells. Throws if labels and points differ in number or a coordinate is
  /// not finite.
  package static func compute(
    _ points: Matrix<some Real>, labels: [Int], limit: Int = largestExact, seed: UInt64 = 0
  ) throws(MetricsFault) -> Silhouette? {
    guard labels.count == points.rows else {
      throw .unequalCounts(labels: labels.count, cells: points.rows)
    }
    if labels.count <= limit { return compute(try GroupedPoints(points, labels: labels), false) }
    var generator = RandomGenerator(seed: seed.stream(.silhouette))
    let sample = generator.permutation(labels.count).prefix(limit).sorted()
    let chosen = points.selectingRows(sample)
    return compute(try GroupedPoints(chosen, labels: sample.map { labels[$0] }), true)
  }

  private static func compute(_ groups: GroupedPoints, _ isSampled: Bool) -> Silhouette? {
    guard groups.clusterCount > 1, groups.clusterCount < groups.cellCount else { return nil }
    let width = cellWidths(groups)
    var clusterMeans: [Double] = []
    var total = 0.0
    for cluster in 0..<groups.clusterCount {
      let rows = groups.starts[cluster]..<groups.starts[cluster + 1]
      let sum = rows.reduce(0.0) { $0 + width[$1] }
      clusterMeans.append(sum / Double(rows.count))
      total += sum
    }
    return Silhouette(
      mean: total / Double(groups.cellCount), clusterMeans: clusterMeans, labels: groups.labels,
      starts: groups.starts, widths: Array(width), cells: groups.cellCount, isSampled: isSampled)
  }
}

/// The silhouette of one cell of cluster `own` from its summed distances to every cluster.
private func width(_ sums: Span<Double>, _ own: Int, _ starts: [Int]) -> Double {
  let others = starts[own + 1] - starts[own] - 1
  if others == 0 { return 0 }
  let inside = sums[own] / Double(others)
  var outside = Double.infinity
  for cluster in sums.indices where cluster != own {
    outside = min(outside, sums[cluster] / Double(starts[cluster + 1] - starts[cluster]))
  }
  let larger = max(inside, outside)
  return larger == 0 ? 0 : (outside - inside) / larger
}

/// Rows and columns of a block of distances.
private let (rowBlock, columnBlock) = (1024, 512)

/// The silhouette of every cell, in the order of the groups. (N)
private func cellWidths(_ groups: GroupedPoints) -> Buffer<Double> {
  let (n, points) = (groups.cellCount, groups.points)
  let origin = Matrix<Double>.zeros(1, groups.dimensions)
  let norms = parallelMap(n) { squaredDistance(points.row($0), origin.row(0)) }
  var result = Buffer<Double>(uninitializedCount: n)
  for rowTile in 0..<tileCount(n, of: rowBlock) {
    let rows = tile(rowTile, of: rowBlock, in: n)
    let sums = distanceSums(of: rows, norms: norms, groups)
    var owner = 0
    for i in rows {
      while i >= groups.starts[owner + 1] { owner += 1 }
      result[i] = width(sums.row(i - rows.lowerBound), owner, groups.starts)
    }
  }
  return result
}

/// The sum of the distances of some cells to the cells of every cluster. (rows, K)
private func distanceSums(of rows: Range<Int>, norms: Buffer<Double>, _ groups: GroupedPoints)
  -> Matrix<Double>
{
  let (points, clusters) = (groups.points, groups.clusterCount)
  var sums = Matrix<Double>.zeros(rows.count, clusters)
  for columnTile in 0..<tileCount(groups.cellCount, of: columnBlock) {
    let columns = tile(columnTile, of: columnBlock, in: groups.cellCount)
    let products = Matrix.product(points.rows(rows), points.rows(columns), transposeB: true)
    parallelRows(of: &sums, tileSize: 64) { range, target in
      for i in range {
        addDistances(
          of: rows.lowerBound + i, to: columns, products: products.row(i), norms: norms.span,
          groups: groups, into: &target, at: (i - range.lowerBound) * clusters)
      }
    }
  }
  return sums
}

/// Adds the distances of cell i to the cells `columns`, by cluster.
private func addDistances(
  of i: Int, to columns: Range<Int>, products: Span<Double>, norms: Span<Double>,
  groups: GroupedPoints, into target: inout MutableSpan<Double>, at offset: Int
) {
  for cluster in 0..<groups.clusterCount {
    let range =
      max(
        columns.lowerBound, groups.starts[cluster])..<max(
        max(columns.lowerBound, groups.starts[cluster]),
        min(columns.upperBound, groups.starts[cluster + 1]))
    if range.isEmpty { continue }
    var sum = 0.0
    for j in range {
      let scale = norms[i] + norms[j]
      var square = scale - 2 * products[j - columns.lowerBound]
      // For close points, the difference of large numbers has lost its digits.
      if square < 1e-6 * scale {
        square = squaredDistance(groups.points.row(i), groups.points.row(j))
      }
      sum += sqrt(square)
    }
    target[offset + cluster] += sum
  }
}

extension Matrix {
  /// A run of rows, sharing the bytes.
  fileprivate func rows(_ range: Range<Int>) -> Matrix {
    Matrix(
      rows: range.count, columns: columns,
      elements: elements.slice(range.lowerBound * columns..<range.upperBound * columns))
  }
}
