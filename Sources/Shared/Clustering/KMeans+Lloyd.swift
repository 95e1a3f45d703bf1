import Tensors

/// With more centers than this, an exact distance is computed before a comparison with all.
private let manyCenters = 64

/// Lloyd's iterations from `start` (K, D) until no label changes, the centers stop moving, or the
/// maximum is reached.
func lloyd(
  _ points: Matrix<Double>, _ search: NearestCenters, from start: Matrix<Double>, iterations: Int,
  tolerance: Double
) -> KMeans {
  var assignment = Assignment(of: points, to: start, by: search)
  var done = 0
  while done < iterations {
    done += 1
    let moved = assignment.means()
    let shift = squaredDistance(moved.elements.span, assignment.centers.elements.span)
    let changes = assignment.move(to: moved)
    if changes == 0 || shift <= tolerance { break }
  }
  return KMeans(
    labels: assignment.labels.elements.map { Int($0) }, centers: assignment.centers,
    inertia: assignment.squaredDistances().reduce(0, +), iterations: done)
}

/// Every point's nearest center, the first of equals. After the centers moved, bounds on a point's
/// distances may show that its center is still the nearest. Then its distances are not computed
/// again (Hamerly 2010).
private struct Assignment {
  private(set) var centers: Matrix<Double>
  /// (N, 1)
  private(set) var labels: Matrix<Int32>
  private let points: Matrix<Double>
  private let search: NearestCenters
  /// A bound above the distance to the point's center, and one below the distance to any other. (N,
  /// 2)
  private var bounds: Matrix<Double>
  /// A bound above the rounding errors of a distance.
  private let slack: Double
  private var clusters: ClusterSums

  init(of points: Matrix<Double>, to centers: Matrix<Double>, by search: NearestCenters) {
    (self.points, self.centers, self.search) = (points, centers, search)
    labels = Matrix(repeating: 0, rows: points.rows, columns: 1)
    bounds = Matrix(repeating: .infinity, rows: points.rows, columns: 2)
    slack = 1e-7 * search.farthest
    clusters = ClusterSums(clusters: centers.rows, dimensions: centers.columns)
    _ = compare(Array(0..<points.rows))
    clusters.sum(points, by: labels)
  }

  /// Assigns every point to its nearest moved center; returns the number of points whose center
  /// changed.
  mutating func move(to moved: Matrix<Double>) -> Int {
    let before = labels
    moveBounds(to: moved)
    centers = moved
    let unsure = unsure()
    let changes = compare(unsure)
    if changes > points.rows / 8 {
      clusters.sum(points, by: labels)
    } else {
      clusters.move(unsure, of: points, from: before, to: labels)
    }
    return changes
  }

  /// Adapts the bounds to moved centers. With many centers, one exact distance of an unsure point
  /// costs less than its comparison with all of them.
  private mutating func moveBounds(to moved: Matrix<Double>) {
    let shifts = (0..<centers.rows).map {
      squaredDistance(centers.row($0), moved.row($0)).squareRoot()
    }
    let ordered = shifts.sorted(by: >)
    let (largest, second) = (ordered[0], ordered.count > 1 ? ordered[1] : 0)
    let tightens = centers.rows > manyCenters
    parallelRows(of: &bounds, tileSize: 2048) { [points, labels, slack] rows, bounds in
      let labels = labels.elements.span
      for (r, i) in rows.enumerated() {
        let label = Int(labels[i])
        bounds[2 * r] += shifts[label]
        bounds[2 * r + 1] -= shifts[label] == largest ? second : largest
        if tightens && !(bounds[2 * r] + slack < bounds[2 * r + 1]) {
          bounds[2 * r] = squaredDistance(points.row(i), moved.row(label)).squareRoot()
        }
      }
    }
  }

  /// The points whose nearest center may have changed.
  private func unsure() -> [Int] {
    let bounds = bounds.elements.span
    var unsure = [Int]()
    for i in 0..<points.rows where !(bounds[2 * i] + slack < bounds[2 * i + 1]) {
      unsure.append(i)
    }
    return unsure
  }

  /// Compares some points, in ascending order, with all centers; returns the number of changed
  /// labels.
  private mutating func compare(_ rows: [Int]) -> Int {
    let nearest = search.nearest(rows, among: centers)
    return Self.keep(nearest, of: rows, &labels.elements, &bounds.elements)
  }

  /// Writes the labels and bounds of some points; returns the number of changed labels.
  private static func keep(
    _ nearest: Matrix<Double>, of points: [Int], _ labels: inout Buffer<Int32>,
    _ bounds: inout Buffer<Double>
  ) -> Int {
    var changes = 0
    var labels = labels.mutableSpan
    var bounds = bounds.mutableSpan
    let found = nearest.elements.span
    for (r, i) in points.enumerated() {
      let label = Int32(truncatingIfNeeded: Int(found[3 * r]))
      if labels[i] != label { changes += 1 }
      labels[i] = label
      for side in 0..<2 { bounds[2 * i + side] = found[3 * r + 1 + side] }
    }
    return changes
  }

  /// Every point's squared distance to its center. (N)
  func squaredDistances() -> Buffer<Double> {
    parallelMap(points.rows) { squaredDistance(points.row($0), centers.row(Int(labels[$0, 0]))) }
  }

  /// The mean of every cluster. An empty one gets the farthest point of a cluster with more than
  /// one point, or keeps its center.
  func means() -> Matrix<Double> {
    var (sums, counts) = (clusters.sums, clusters.counts)
    relocateEmpty(&sums, &counts)
    var means = sums.elements.mutableSpan
    for cluster in 0..<centers.rows {
      let (center, base) = (centers.row(cluster), cluster * points.columns)
      let count = Double(counts[cluster])
      for j in center.indices { means[base + j] = count == 0 ? center[j] : means[base + j] / count }
    }
    return sums
  }

  private func relocateEmpty(_ sums: inout Matrix<Double>, _ counts: inout [Int]) {
    let empty = counts.indices.filter { counts[$0] == 0 }
    if empty.isEmpty { return }
    let squaredDistances = squaredDistances()
    let farthest = squaredDistances.indices.sorted {
      (squaredDistances[$1], $0) < (squaredDistances[$0], $1)
    }
    var candidates = farthest.makeIterator()
    for cluster in empty {
      while let point = candidates.next(), squaredDistances[point] > 0 {
        let owner = Int(labels[point, 0])
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

/// |x|² of every row. (rows)
func squaredLengths(of rows: Matrix<Double>) -> Buffer<Double> {
  let origin = Matrix<Double>.zeros(1, rows.columns)
  return parallelMap(rows.rows) { squaredDistance(rows.row($0), origin.row(0)) }
}
