// The deep k-means loss (scEMC, equations 18 to 20): mean_i Σ_j w_ij d_ij with d_ij = ‖z_i − V_j‖², w̃ = softmax_j(−d), w ∝ w̃² by row.
// z (B, D); V (K, D). Gradients pass through d and w, and to the centers.

import Autodiff
import Tensors

extension Tape {
  /// weight · mean_i Σ_j w_ij ‖z_i − V_j‖²; writes the gradients of `codes` (B, D) and `centers` (K, D), and returns the mean, not weighted.
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
