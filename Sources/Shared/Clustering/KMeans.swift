// Everything is computed in Double on points moved to their mean, and every sum runs over tiles of
// fixed size in fixed order. So the partition depends on points, options and seed alone, not on the
// number of threads.

import Tensors

/// A partition of points into clusters of small variance: labels, centers and the sum of squared
/// distances.
///
/// N points, K clusters, D dimensions.
package struct KMeans: Sendable {
  /// The cluster of every point, from 0 to K − 1. (N)
  package let labels: [Int]
  /// The mean of every cluster's points. (K, D)
  package let centers: Matrix<Double>
  /// Σ ‖x_i − c(x_i)‖² over all points.
  package let inertia: Double
  /// The iterations of the best run.
  package let iterations: Int

  /// How long and how often to search.
  package struct Options: Sendable {
    /// Independent runs, each from its own start; the one with the least inertia is kept.
    package var restarts = 20
    /// The most iterations of one run.
    package var iterations = 300
    /// A run ends when the squared movement of all centers is below this share of the mean variance
    /// of a dimension.
    package var tolerance = 1e-4

    package init(restarts: Int = 20, iterations: Int = 300, tolerance: Double = 1e-4) {
      self.restarts = restarts
      self.iterations = iterations
      self.tolerance = tolerance
    }
  }

  /// Lloyd's iterations (1982) from greedy k-means++ starts (Arthur and Vassilvitskii 2007), at
  /// most O(N K D) each.
  ///
  /// A cluster that loses all its points gets the point farthest from its center. If fewer than K
  /// points are distinct, some clusters remain empty. Throws for more clusters than points, none,
  /// or coordinates that are not finite.
  package static func fit(
    _ points: Matrix<some Real>, clusters: Int, seed: UInt64 = 0, options: Options = Options()
  ) throws(ClusteringFault) -> KMeans {
    let (centered, mean) = try prepared(points, clusters: clusters)
    let tolerance = options.tolerance * meanVariance(centered)
    let generators = (0..<max(1, options.restarts)).map {
      RandomGenerator(seed: seed.stream(.kmeans, $0))
    }
    let search = NearestCenters(of: centered)
    var best: KMeans?
    for seeds in greedySeeds(centered, clusters: clusters, generators: generators) {
      let run = lloyd(
        centered, search, from: centered.selectingRows(seeds), iterations: options.iterations,
        tolerance: tolerance)
      // Runs that reach one partition differ in the last digits of its inertia: the first is kept.
      if let best, !(run.inertia < best.inertia * (1 - 1e-12)) { continue }
      best = run
    }
    guard let best else { preconditionFailure("there is at least one run") }
    return best.moved(by: mean)
  }

  /// One run from given centers (K, D); throws as above.
  package static func fit(
    _ points: Matrix<some Real>, from centers: Matrix<some Real>, options: Options = Options()
  ) throws(ClusteringFault) -> KMeans {
    precondition(
      centers.columns == points.columns,
      "centers of \(centers.columns) dimensions for points of \(points.columns)")
    let (centered, mean) = try prepared(points, clusters: centers.rows)
    let run = lloyd(
      centered, NearestCenters(of: centered),
      from: centers.converted(to: Double.self).rowsMoved(by: mean.map { -$0 }),
      iterations: options.iterations, tolerance: options.tolerance * meanVariance(centered))
    return run.moved(by: mean)
  }

  private func moved(by mean: [Double]) -> KMeans {
    KMeans(
      labels: labels, centers: centers.rowsMoved(by: mean), inertia: inertia, iterations: iterations
    )
  }
}

/// The points in Double minus their mean, and the mean.
private func prepared(_ points: Matrix<some Real>, clusters: Int) throws(ClusteringFault) -> (
  Matrix<Double>, [Double]
) {
  guard clusters >= 1 && clusters <= points.rows else {
    throw .clusterCount(clusters, cells: points.rows)
  }
  if let bad = points.firstNonFinite {
    throw .notFinite(row: bad.row, column: bad.column)
  }
  let converted = points.converted(to: Double.self)
  var mean = Array(repeating: 0.0, count: points.columns)
  for i in 0..<converted.rows {
    let row = converted.row(i)
    for j in row.indices { mean[j] += row[j] }
  }
  mean = mean.map { $0 / Double(converted.rows) }
  return (converted.rowsMoved(by: mean.map { -$0 }), mean)
}

/// The variance of a dimension, averaged over the dimensions, of centered points.
private func meanVariance(_ centered: Matrix<Double>) -> Double {
  let squares = centered.elements.span
  var sum = 0.0
  for k in squares.indices { sum += squares[k] * squares[k] }
  return sum / Double(max(1, centered.elements.count))
}

extension Matrix<Double> {
  /// Every row plus `offset`.
  fileprivate func rowsMoved(by offset: [Double]) -> Matrix {
    var result = self
    var elements = result.elements.mutableSpan
    for i in 0..<rows { for j in 0..<columns { elements[i * columns + j] += offset[j] } }
    return result
  }
}
