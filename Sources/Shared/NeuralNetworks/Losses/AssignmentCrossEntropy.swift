// The binary cross-entropy between soft assignments and targets (scDSC: Gan et al. 2022): mean_ij
// −[p_ij ln q_ij + (1 − p_ij) ln(1 − q_ij)] with q_ij ∝ u_ij = (1 + ‖z_i − c_j‖²)⁻¹ by row, and P
// constant. Each pair of a cell and a cluster is a decision by itself. z (N, D); c (K, D); P, Q (N,
// K). With g_ij = (1 − p) / (1 − q) − p / q:
//
//   ∂/∂z_i = −2 / (N K) Σ_j u_ij q_ij (g_ij − Σ_l g_il q_il) (z_i − c_j)
//   ∂/∂c_j: term j with the opposite sign, summed over the cells

import Autodiff
import Tensors

extension Tape {
  /// weight · mean_ij of the cross-entropy with constant targets P (N, K). A cell whose targets are
  /// all 0 counts as 0. Writes the gradients of `codes` (N, D) and `centers` (K, D), and returns
  /// the mean, not weighted.
  ///
  /// - Parameter floor: a lower bound of q and of 1 − q in the logarithms.
  package func assignmentCrossEntropy(
    of codes: Variable<S>, to centers: Variable<S>, targets: Window<S>, weight: S,
    floor: S = 1e-7
  ) -> Double {
    let (n, k, d) = (codes.rows, centers.rows, codes.columns)
    precondition(
      targets.rows == n && targets.columns == k && centers.columns == d,
      "targets of \(targets.rows) × \(targets.columns) for \(n) cells and \(k) clusters")
    let sum = meanDivergence(of: codes, to: centers) { rows, sink, sums, scratch in
      // SAFETY: shapes are checked above; a tile writes only its rows, sums and scratch.
      unsafe S.kernels.targetBCE(
        rows.count, k, d, codes.value.slice(rows: rows).pointer, centers.value.pointer,
        targets.slice(rows: rows).pointer, floor, weight / S(n * k), sink.window.pointer,
        sink.accumulates, sums.pointer, scratch.pointer)
    }
    return sum / Double(k)
  }
}
