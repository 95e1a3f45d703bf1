// The self-supervised clustering loss of a batch (scEMC, equations 15 to 17): mean_i KL(p_i ‖ q_i)
// with u_ij = (1 + ‖z_i − z_j‖²)⁻¹ for i ≠ j, q_ij = u_ij / Σ_l u_il, p_ij = (q_ij² / Σ_i q_ij) /
// Σ_l (q_il² / Σ_i q_il). z (B, D). The paper holds p constant; the released program also
// differentiates p.

import Autodiff
import Tensors

extension Tape {
  /// weight · mean_i KL(p_i ‖ q_i) over the pairs of a batch. Writes the gradient of `codes` (B,
  /// D), and returns the mean, not weighted. A single cell has no pairs: 0.
  package func pairwiseLoss(
    of codes: Variable<S>, weight: S, differentiatingTarget: Bool = false
  ) -> Double {
    let (n, d) = (codes.rows, codes.columns)
    if n < 2 { return 0 }
    let scratch = workspace.window(rows: 1, columns: 2 * n * n + n * d + 4 * n)
    let spare = workspace.window(rows: codes.needsGradient ? 0 : n, columns: d)
    let sink = sink(for: codes) ?? GradientSink(window: spare, accumulates: false)
    // SAFETY: codes and sink are (n, d); the scratch is as large as the kernel's header asks for.
    let total = unsafe S.kernels.pairwiseKL(
      n, d, codes.value.pointer, weight / S(n), differentiatingTarget, sink.window.pointer,
      sink.accumulates, scratch.pointer)
    return total / Double(n)
  }
}
