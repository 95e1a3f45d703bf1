// The deep k-means loss (scEMC, equations 18 to 20): mean_i Σ_j w_ij d_ij with w̃ = softmax_j(−d),
// w ∝ w̃² by row. d_ij = ‖z_i − V_j‖ in the paper, ‖z_i − V_j‖² in the released program. z (B, D);
// V (K, D). Gradients pass through d and w, and to the centers.

import Autodiff
import Glibc
import Tensors

/// What d_ij is.
package enum CenterDistance: Sendable {
  case squared, euclidean
}

extension Tape {
  /// weight · mean_i Σ_j w_ij d_ij. Writes the gradients of `codes` (B, D) and `centers` (K, D),
  /// and returns the mean, not weighted.
  package func deepKMeansLoss(
    of codes: Variable<S>, to centers: Variable<S>, by distance: CenterDistance, weight: S
  ) -> Double {
    switch distance {
    case .squared: deepKMeansLoss(of: codes, to: centers, weight: weight)
    case .euclidean: euclideanKMeansLoss(of: codes, to: centers, weight: weight)
    }
  }

  /// weight · mean_i Σ_j w_ij ‖z_i − V_j‖². Writes the gradients of `codes` (B, D) and `centers`
  /// (K, D), and returns the mean, not weighted.
  package func deepKMeansLoss(of codes: Variable<S>, to centers: Variable<S>, weight: S)
    -> Double
  {
    let (n, k, d) = (codes.rows, centers.rows, codes.columns)
    precondition(centers.columns == d, "codes and centers of different width")
    let scratch = workspace.window(rows: 1, columns: 2 * k)
    let spare = workspace.window(rows: codes.needsGradient ? 0 : n, columns: d)
    let codesSink = sink(for: codes) ?? GradientSink(window: spare, accumulates: false)
    let sums = doubles.window(rows: k, columns: d)
    sums.fill(with: 0)
    // SAFETY: codes and sink are (n, d), centers and sums (k, d), the scratch 2 k.
    let total = unsafe S.kernels.deepKMeans(
      n, k, d, codes.value.pointer, centers.value.pointer, weight / S(n),
      codesSink.window.pointer, codesSink.accumulates, sums.pointer, scratch.pointer)
    if let sink = sink(for: centers) { store(sums, into: sink) }
    return total / Double(n)
  }

  /// With ∂d/∂z = (z − V) / d, or 0 if d is 0; written without kernels, in Double.
  private func euclideanKMeansLoss(
    of codes: Variable<S>, to centers: Variable<S>, weight: S
  ) -> Double {
    let (n, k, d) = (codes.rows, centers.rows, codes.columns)
    precondition(centers.columns == d, "codes and centers of different width")
    let codesSink = sink(for: codes)
    let sums = doubles.window(rows: k, columns: d)
    sums.fill(with: 0)
    let scale = Double(weight) / Double(n)
    var total = 0.0
    for i in 0..<n {
      let differences = (0..<k).map { j in
        (0..<d).map { Double(codes.value[i, $0]) - Double(centers.value[j, $0]) }
      }
      let distances = differences.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
      let least = distances.min() ?? 0
      let weights = distances.map { exp(-2 * ($0 - least)) }
      let sum = weights.reduce(0, +)
      let loss = zip(weights, distances).reduce(0) { $0 + $1.0 * $1.1 } / sum
      total += loss
      var step = [Double](repeating: 0, count: d)
      for j in 0..<k where distances[j] > 0 {
        let factor =
          scale * weights[j] / sum * (1 - 2 * (distances[j] - loss)) / distances[j]
        for c in 0..<d {
          step[c] += factor * differences[j][c]
          sums[j, c] -= factor * differences[j][c]
        }
      }
      if let sink = codesSink {
        for c in 0..<d {
          sink.window[i, c] = S((sink.accumulates ? Double(sink.window[i, c]) : 0) + step[c])
        }
      }
    }
    if let sink = sink(for: centers) { store(sums, into: sink) }
    return total / Double(n)
  }

  private func store(_ sums: Window<Double>, into sink: GradientSink<S>) {
    for j in 0..<sums.rows {
      for c in 0..<sums.columns {
        sink.window[j, c] = S(sums[j, c] + (sink.accumulates ? Double(sink.window[j, c]) : 0))
      }
    }
  }
}

/// The center nearest to every cell, the first of equals. (N, D) (K, D) → N numbers below K
package func nearestCenters<S: EngineScalar>(of codes: Window<S>, to centers: Window<S>) -> [Int] {
  precondition(
    codes.columns == centers.columns && centers.rows > 0, "codes and centers of different width")
  var labels = Buffer<Int>(repeating: 0, count: codes.rows)
  // SAFETY: shapes are checked above; there is a label for every cell.
  unsafe S.kernels.nearestCenter(
    codes.rows, centers.rows, codes.columns, codes.pointer, centers.pointer,
    labels.mutablePointer())
  return Array(labels)
}
