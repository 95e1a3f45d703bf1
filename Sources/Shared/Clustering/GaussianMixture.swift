// A mixture of normal distributions with independent columns, fitted by expectation and
// maximization (Dempster, Laird and Rubin 1977). scikit-learn does the same with
// covariance_type="diag". N points, K components, D columns:
//
//   γ_ik ∝ π_k N(x_i; μ_k, v_k);  π_k = Σ_i γ_ik / N,  μ_k = Σ γ x / Σ γ,  v_k = Σ γ (x − μ)² / Σ γ
//
// All sums run over tiles of fixed size in fixed order.

import Glibc
import Tensors

/// Points that are summed together.
private let pointTile = 256

/// A mixture of normal distributions with independent columns.
package struct GaussianMixture: Sendable {
  /// π; their sum is 1. (K)
  package private(set) var weights: [Double]
  /// (K, D)
  package private(set) var means: Matrix<Double>
  /// (K, D)
  package private(set) var variances: Matrix<Double>
  /// The mean logarithm of the points' densities.
  package private(set) var logDensity = -Double.infinity
  /// The number of iterations.
  package private(set) var iterations = 0

  /// How long to search.
  package struct Options: Sendable {
    package var iterations = 100
    /// The fit ends if the mean log density grows less than this.
    package var tolerance = 1e-3
    /// A constant that is added to every variance.
    package var addedVariance = 1e-6
    /// The number of starts of the first k-means.
    package var starts = 5

    package init() {}
  }

  /// Fits a mixture to points (N, D), from the clusters of k-means.
  ///
  /// - Throws: `ClusteringFault` for more components than points, none, or coordinates that are not
  ///   finite.
  package static func fit(
    _ points: Matrix<some Real>, components: Int, seed: UInt64 = 0, options: Options = Options()
  ) throws(ClusteringFault) -> GaussianMixture {
    let start = try KMeans.fit(
      points, clusters: components, seed: seed,
      options: KMeans.Options(restarts: options.starts))
    let points = points.converted(to: Double.self)
    var mixture = GaussianMixture(start, of: points, options)
    while mixture.iterations < options.iterations {
      let before = mixture.logDensity
      mixture.improve(on: points, options)
      if mixture.logDensity - before < options.tolerance { break }
    }
    return mixture
  }

  private init(_ start: KMeans, of points: Matrix<Double>, _ options: Options) {
    let (k, d, labels) = (start.centers.rows, points.columns, start.labels)
    weights = [Double](repeating: 0, count: k)
    // The centers of components without points.
    (means, variances) = (start.centers, Matrix(repeating: 1, rows: k, columns: d))
    take(
      MixtureSums(of: points, components: k) { i, shares in
        for j in 0..<k { shares[j] = labels[i] == j ? 1 : 0 }
        return 0
      }, options)
    (logDensity, iterations) = (-.infinity, 0)
  }

  /// One iteration.
  private mutating func improve(on points: Matrix<Double>, _ options: Options) {
    let densities = LogDensities(of: self)
    take(
      MixtureSums(of: points, components: weights.count) { i, shares in
        densities.shares(of: points.row(i), into: &shares)
      }, options)
  }

  /// Computes the moments of all points from their shares. A component without points keeps its
  /// mean and has no weight.
  private mutating func take(_ sums: MixtureSums, _ options: Options) {
    for k in weights.indices {
      let share = sums.share(k)
      weights[k] = share / Double(sums.points)
      guard share > 1e-10 else { continue }
      for j in 0..<means.columns {
        let mean = sums.value(k, j) / share
        means[k, j] = mean
        variances[k, j] =
          max(0, sums.square(k, j) / share - mean * mean) + options.addedVariance
      }
    }
    (logDensity, iterations) = (sums.logDensity / Double(sums.points), iterations + 1)
  }
}

/// The sums of an iteration over all points.
private struct MixtureSums {
  let points: Int
  private let components: Int
  private let columns: Int
  /// Σ γ (K), Σ γ x and Σ γ x² (K · D each), and the sum of the log densities.
  private var all: [Double]

  /// Sums points (N, D); `shares` returns γ and the log density of one.
  init(
    of points: Matrix<Double>, components: Int,
    _ shares: @Sendable (_ point: Int, _ into: inout [Double]) -> Double
  ) {
    let (n, k, d) = (points.rows, components, points.columns)
    (self.points, self.components, columns) = (n, k, d)
    var parts = Matrix<Double>.zeros(tileCount(n, of: pointTile), k * (1 + 2 * d) + 1)
    let width = parts.columns
    parallelRows(of: &parts, tileSize: 1) { tiles, sums in
      var own = [Double](repeating: 0, count: k)
      for i in tile(tiles.lowerBound, of: pointTile, in: n) {
        sums[width - 1] += shares(i, &own)
        let point = points.row(i)
        for c in 0..<k where own[c] > 0 {
          sums[c] += own[c]
          for j in 0..<d {
            let part = own[c] * point[j]
            sums[k + c * d + j] += part
            sums[k + (k + c) * d + j] += part * point[j]
          }
        }
      }
    }
    all = [Double](repeating: 0, count: width)
    for number in 0..<parts.rows {
      let row = parts.row(number)
      for place in 0..<width { all[place] += row[place] }
    }
  }

  var logDensity: Double { all[all.count - 1] }
  func share(_ k: Int) -> Double { all[k] }
  func value(_ k: Int, _ j: Int) -> Double { all[components + k * columns + j] }
  func square(_ k: Int, _ j: Int) -> Double { all[components + (components + k) * columns + j] }
}

/// The constants of a mixture's densities.
private struct LogDensities: Sendable {
  /// ln π_k − ½ Σ_d (ln 2π + ln v). (K)
  private let levels: [Double]
  private let means: Matrix<Double>
  private let variances: Matrix<Double>

  init(of mixture: GaussianMixture) {
    (means, variances) = (mixture.means, mixture.variances)
    levels = mixture.weights.indices.map { k in
      (0..<mixture.means.columns).reduce(log(mixture.weights[k])) {
        $0 - log(2 * Double.pi * mixture.variances[k, $1]) / 2
      }
    }
  }

  /// γ of a point, and the logarithm of its density.
  func shares(of point: Span<Double>, into shares: inout [Double]) -> Double {
    for k in levels.indices {
      let (mean, variance) = (means.row(k), variances.row(k))
      var distance = 0.0
      for j in point.indices {
        let away = point[j] - mean[j]
        distance += away * away / variance[j]
      }
      shares[k] = levels[k] - distance / 2
    }
    let top = shares.max() ?? 0
    var sum = 0.0
    for k in levels.indices {
      shares[k] = exp(shares[k] - top)
      sum += shares[k]
    }
    for k in levels.indices { shares[k] /= sum }
    return top + log(sum)
  }
}
