// The deep k-means loss with given clusters t: mean_i ‖z_i − V_t(i)‖² over the cells that have one.
// z (B, D); V (K, D).

import Autodiff
import Tensors

extension Tape {
  /// weight · mean_i ‖z_i − V_t(i)‖²; 0 for a cell whose target is −1. Writes the gradients of
  /// `codes` (B, D) and `centers` (K, D), and returns the mean over all cells, not weighted.
  package func distanceLoss(
    of codes: Variable<S>, to centers: Variable<S>, targets: Buffer<Int32>, weight: S
  ) -> Double {
    let (n, k, d) = (codes.rows, centers.rows, codes.columns)
    precondition(
      targets.count == n && centers.columns == d, "\(targets.count) targets for \(n) cells")
    let (codesSink, centerSink) = (sink(for: codes), sink(for: centers))
    for sink in [codesSink, centerSink].compactMap(\.self) where !sink.accumulates {
      sink.window.fill(with: 0)
    }
    let scale = 2 * Double(weight) / Double(max(1, n))
    var total = 0.0
    for i in 0..<n where targets[i] >= 0 {
      let j = Int(targets[i])
      precondition(j < k, "target \(j) of \(k) clusters")
      for c in 0..<d {
        let difference = Double(codes.value[i, c]) - Double(centers.value[j, c])
        total += difference * difference
        codesSink?.window[i, c] += S(scale * difference)
        centerSink?.window[j, c] -= S(scale * difference)
      }
    }
    return total / Double(max(1, n))
  }
}
