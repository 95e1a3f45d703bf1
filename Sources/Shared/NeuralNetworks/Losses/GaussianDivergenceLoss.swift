// How far the codes' distributions are from the standard normal one: mean_i Σ_d KL(N(m_id, e^l_id)
// ‖ N(0, 1)) = mean_i ½ Σ_d (e^l + m² − 1 − l) (Kingma and Welling 2014). m, l (N, D); dm = m / N,
// dl = (e^l − 1) / 2N.

import Autodiff
import Tensors

extension Tape {
  /// weight · mean_i Σ_d KL. Writes the gradients of means and log variances (N, D), and returns
  /// the mean, not weighted.
  package func gaussianDivergenceLoss(
    mean: Variable<S>, logVariance: Variable<S>, weight: S
  ) -> Double {
    precondition(
      mean.rows == logVariance.rows && mean.columns == logVariance.columns,
      "\(mean.rows) × \(mean.columns) means and \(logVariance.rows) × \(logVariance.columns) log variances"
    )
    let means = sink(for: mean) ?? scratchSink(like: mean)
    let variances = sink(for: logVariance) ?? scratchSink(like: logVariance)
    // SAFETY: all windows have one shape (checked).
    let total = unsafe S.kernels.gaussianKL(
      mean.value.count, mean.value.pointer, logVariance.value.pointer, weight / S(mean.rows),
      means.window.pointer, means.accumulates, variances.window.pointer, variances.accumulates)
    return total / Double(mean.rows)
  }

  /// A place for a gradient that is not used.
  private func scratchSink(like variable: Variable<S>) -> GradientSink<S> {
    GradientSink(
      window: workspace.window(rows: variable.rows, columns: variable.columns), accumulates: false)
  }
}
