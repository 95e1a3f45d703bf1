// The reconstruction loss of real values, such as proteins after the centered log-ratio: mean_ij
// (y_ij − x_ij)². Up to constants it is the Gaussian likelihood with one variance for all. y, x (N,
// G); dy = 2 (y − x) / (N G).

import Autodiff
import Tensors

extension Tape {
  /// weight · mean_ij (y_ij − x_ij)². Writes the gradient of `prediction` (N, G), and returns the
  /// mean, not weighted.
  package func squaredErrorLoss(of prediction: Variable<S>, to target: Window<S>, weight: S)
    -> Double
  {
    precondition(
      prediction.rows == target.rows && prediction.columns == target.columns,
      "a prediction of \(prediction.rows) × \(prediction.columns) for \(target.rows) × \(target.columns)"
    )
    let difference = workspace.window(rows: target.rows, columns: target.columns)
    addScaled(prediction.value, factor: 1, into: difference, accumulating: false)
    addScaled(target, factor: -1, into: difference, accumulating: true)
    let total = sumOfSquares(
      of: difference, squares: workspace.window(rows: target.rows, columns: target.columns),
      sums: workspace.window(rows: 1, columns: target.columns))
    if let sink = sink(for: prediction) {
      addScaled(
        difference, factor: 2 * weight / S(target.count), into: sink.window,
        accumulating: sink.accumulates)
    }
    return total / Double(target.count)
  }

  /// Σ_ij r_ij² of differences (N, G), with scratch for their squares (N, G) and the sums of these
  /// squares (1, G).
  func sumOfSquares(of differences: Window<S>, squares: Window<S>, sums: Window<S>) -> Double {
    precondition(
      squares.count == differences.count && sums.count == differences.columns,
      "scratch of another shape")
    // SAFETY: both windows have as many elements (checked).
    unsafe S.kernels.multiply(
      differences.count, differences.pointer, differences.pointer, squares.pointer, false)
    columnSums(of: squares, into: sums, accumulating: false, scratch: doubles)
    return (0..<sums.columns).reduce(0) { $0 + Double(sums[0, $1]) }
  }
}
