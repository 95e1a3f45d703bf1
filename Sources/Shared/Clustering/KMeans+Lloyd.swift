import Tensors

/// Rows whose sums are formed together; fixed, so that the order of addition is.
private let tileRows = 2048
/// Rows whose products with the centers exist at a time.
private let blockRows = 16 * tileRows

/// Lloyd's iterations from `start` (K, D) until no label changes, the centers rest, or the
/// iterations are used up.
func lloyd(_ points: Matrix<Double>, from start: Matrix<Double>, iterations: Int, tolerance: Double)
  -> KMeans
{
  var centers = start
  var assignment = Assignment(points, to: centers)
  var done = 0
  while done < iterations {
    done += 1
    let moved = assignment.means(of: points, before: centers)
    let shift = squaredDistance(moved.elements.span, centers.elements.span)
    centers = moved
    let next = Assignment(points, to: centers)
    let isStable = next.labels == assignment.labels
    assignment = next
    if isStable || shift <= tolerance { break }
  }
  return KMeans(
    labels: assignment.labels.map { Int($0) }, centers: centers,
    inertia: assignment.squaredDistances(of: points).reduce(0, +), iterations: done)
}

/// Every point's nearest center, the first of equals.
private struct Assignment {
  let labels: Buffer<Int32>
  private let centers: Matrix<Double>

  init(_ points: Matrix<Double>, to centers: Matrix<Double>) {
    let (n, clusters) = (points.rows, centers.rows)
    let origin = Matrix<Double>.zeros(1, centers.columns)
    let norms = parallelMap(clusters) { squaredDistance(centers.row($0), origin.row(0)) }
    var nearest = Matrix<Int32>(uninitializedRows: n, columns: 1)
    for block in 0..<tileCount(n, of: blockRows) {
      let rows = tile(block, of: blockRows, in: n)
      let products = Matrix.product(points.rows(rows), centers, transposeB: true)
      let found = Self.nearest(products, norms)
      if rows.count == n {
        nearest = found
        break
      }
      var target = nearest.elements.mutableSpan
      let source = found.elements.span
      for i in source.indices { target[rows.lowerBound + i] = source[i] }
    }
    labels = nearest.elements
    self.centers = centers
  }

  /// The smallest of |c|² − 2 x·c in every row of products. (rows, 1)
  private static func nearest(_ products: Matrix<Double>, _ norms: Buffer<Double>) -> Matrix<Int32>
  {
    var result = Matrix<Int32>(uninitializedRows: products.rows, columns: 1)
    let clusters = products.columns
    parallelRows(of: &result) { rows, target in
      let (values, norms) = (products.elements.span, norms.span)
      for i in rows {
        var (best, score) = (0, Double.infinity)
        for j in 0..<clusters {
          let candidate = norms[j] - 2 * values[i * clusters + j]
          if candidate < score { (best, score) = (j, candidate) }
        }
        target[i - rows.lowerBound] = Int32(truncatingIfNeeded: best)
      }
    }
    return result
  }

  /// Every point's squared distance to its center. (N)
  func squaredDistances(of points: Matrix<Double>) -> Buffer<Double> {
    parallelMap(points.rows) { squaredDistance(points.row($0), centers.row(Int(labels[$0]))) }
  }

  /// The mean of every cluster; an empty one gets the farthest point of a cluster that can spare
  /// it, or stays where it was.
  func means(of points: Matrix<Double>, before: Matrix<Double>) -> Matrix<Double> {
    var (sums, counts) = sums(of: points, clusters: before.rows)
    relocateEmpty(&sums, &counts, points)
    let dimensions = points.columns
    for cluster in 0..<before.rows {
      for j in 0..<dimensions {
        let isEmpty = counts[cluster] == 0
        sums[cluster, j] =
          isEmpty ? before[cluster, j] : sums[cluster, j] / Double(counts[cluster])
      }
    }
    return sums
  }

  /// Sum and number of every cluster's points, tile after tile. (K, D), (K)
  private func sums(of points: Matrix<Double>, clusters: Int) -> (Matrix<Double>, [Int]) {
    let (n, dimensions) = (points.rows, points.columns)
    let tiles = tileCount(n, of: tileRows)
    var partial = Matrix<Double>.zeros(tiles, clusters * dimensions)
    parallelRows(of: &partial, tileSize: 1) { range, target in
      let (values, labels) = (points.elements.span, labels.span)
      for i in tile(range.lowerBound, of: tileRows, in: n) {
        let base = Int(labels[i]) * dimensions
        for j in 0..<dimensions { target[base + j] += values[i * dimensions + j] }
      }
    }
    var sums = Matrix<Double>.zeros(clusters, dimensions)
    var total = sums.elements.mutableSpan
    for number in 0..<tiles {
      let row = partial.row(number)
      for k in row.indices { total[k] += row[k] }
    }
    var counts = Array(repeating: 0, count: clusters)
    for label in labels { counts[Int(label)] += 1 }
    return (sums, counts)
  }

  private func relocateEmpty(
    _ sums: inout Matrix<Double>, _ counts: inout [Int], _ points: Matrix<Double>
  ) {
    let empty = counts.indices.filter { counts[$0] == 0 }
    if empty.isEmpty { return }
    let squaredDistances = squaredDistances(of: points)
    let farthest = squaredDistances.indices.sorted {
      (squaredDistances[$1], $0) < (squaredDistances[$0], $1)
    }
    var candidates = farthest.makeIterator()
    for cluster in empty {
      while let point = candidates.next(), squaredDistances[point] > 0 {
        let owner = Int(labels[point])
        if counts[owner] < 2 { continue }
        for j in 0..<points.columns {
          sums[owner, j] -= points[point, j]
          sums[cluster, j] = points[point, j]
        }
        counts[owner] -= 1
        counts[cluster] = 1
        break
      }
    }
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
