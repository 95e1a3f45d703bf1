// The divergence of a classifier from targets: mean_i KL(p_i ‖ y_i), y = softmax(x) by row and P
// constant. It is the cross-entropy of soft targets minus their entropy. x, P (N, K); dx = (y − p)
// / N.

import Autodiff
import Tensors

extension Tape {
  /// weight · mean_i KL(p_i ‖ softmax(x_i)) with constant targets P. A cell whose targets are all 0
  /// counts as 0. Writes the gradient of the logits x (N, K), and returns the mean, not weighted.
  package func softmaxDivergenceLoss(of logits: Variable<S>, targets: Window<S>, weight: S)
    -> Double
  {
    precondition(
      targets.rows == logits.rows && targets.columns == logits.columns,
      "targets of \(targets.rows) × \(targets.columns) for \(logits.rows) × \(logits.columns)")
    let sink =
      sink(for: logits)
      ?? GradientSink(
        window: workspace.window(rows: logits.rows, columns: logits.columns), accumulates: false)
    // SAFETY: all windows have one shape (checked).
    let total = unsafe S.kernels.softmaxKL(
      logits.rows, logits.columns, logits.value.pointer, targets.pointer,
      weight / S(max(1, logits.rows)), sink.window.pointer, sink.accumulates)
    return total / Double(max(1, logits.rows))
  }
}
