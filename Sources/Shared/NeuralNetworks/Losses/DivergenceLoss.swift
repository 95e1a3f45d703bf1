// The clustering loss of DEC (Xie, Girshick, Farhadi: ICML 2016, equations 1 to 3) and later
// models: mean_i KL(p_i ‖ q_i) with q_ij ∝ u_ij = (1 + ‖z_i − c_j‖²)⁻¹ by row. P is constant
// between its updates: p_ij ∝ q_ij² / Σ_i q_ij by row. z (N, D); c (K, D); P, Q (N, K). Without the
// floor ∂/∂z_i = (2 / N) Σ_j u_ij (p_ij − q_ij) (z_i − c_j), and ∂/∂c_j = −(2 / N) Σ_i u_ij (p_ij −
// q_ij) (z_i − c_j).

import Autodiff
import Tensors

/// Keeps the logarithm of a vanishing share finite.
package enum ShareFloor: Sendable, Equatable {
  /// Both shares are clipped to [floor, 1], as in Keras.
  case clipped(Double)
  /// p ln(p / (q + addend)), as in programs for PyTorch.
  case added(Double)

  fileprivate var value: Double {
    switch self {
    case .clipped(let value), .added(let value): value
    }
  }

  fileprivate var clips: Bool {
    if case .clipped = self { return true }
    return false
  }
}

/// P of soft assignments Q: p_ij ∝ q_ij² / Σ_i q_ij, rows summing to 1. (N, K) → (N, K)
///
/// - Parameter order: the order in which the cells are added; nil: that of the rows.
@specialized(where S == Float)
package func targetDistribution<S: Real>(of shares: Matrix<S>, order: [Int]? = nil) -> Matrix<S> {
  let k = shares.columns
  var sums = [Double](repeating: 0, count: k)
  for place in 0..<shares.rows {
    let row = shares.row(order?[place] ?? place)
    for j in 0..<k { sums[j] += Double(row[j]) }
  }
  var result = shares
  var weights = [Double](repeating: 0, count: k)
  for i in 0..<shares.rows {
    let row = shares.row(i)
    var total = 0.0
    for j in 0..<k {
      let share = Double(row[j])
      weights[j] = share > 0 ? share * share / sums[j] : 0
      total += weights[j]
    }
    for j in 0..<k { result[i, j] = S(weights[j] / total) }
  }
  return result
}

extension Tape {
  /// weight · mean_i KL(p_i ‖ q_i) with constant targets P (N, K). Writes the gradients of `codes`
  /// (N, D) and `centers` (K, D), and returns the mean, not weighted.
  package func divergenceLoss(
    of codes: Variable<S>, to centers: Variable<S>, targets: Window<S>, weight: S,
    floor: ShareFloor = .clipped(1e-7)
  ) -> Double {
    let (n, k, d) = (codes.rows, centers.rows, codes.columns)
    precondition(
      targets.rows == n && targets.columns == k && centers.columns == d,
      "targets of \(targets.rows) × \(targets.columns) for \(n) cells and \(k) clusters")
    return meanDivergence(of: codes, to: centers) { rows, sink, sums, scratch in
      // SAFETY: shapes are checked above; a tile writes only its rows, sums and scratch.
      unsafe S.kernels.targetKL(
        rows.count, k, d, codes.value.slice(rows: rows).pointer, centers.value.pointer,
        targets.slice(rows: rows).pointer, S(floor.value), floor.clips, weight / S(n),
        sink.window.pointer, sink.accumulates, sums.pointer, scratch.pointer)
    }
  }
}
