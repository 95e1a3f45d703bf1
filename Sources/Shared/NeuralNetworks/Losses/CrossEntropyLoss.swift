// A classifier of rows into C classes: mean_i −ln softmax(a_i)_t; da = (softmax(a_i) − 1 at t) / N.
// a (N, C). It has few columns, so it is written without kernels, in Double.

import Autodiff
import Glibc
import Tensors

extension Tape {
  /// weight · mean_i −ln softmax(a_i)_t of logits (N, C) whose rows all belong to the class
  /// `target`. Writes the gradient of the logits, and returns the mean, not weighted.
  package func crossEntropyLoss(of logits: Variable<S>, target: Int, weight: S) -> Double {
    let (n, c) = (logits.rows, logits.columns)
    precondition(target >= 0 && target < c, "class \(target) of \(c)")
    let sink = sink(for: logits)
    let scale = Double(weight) / Double(max(1, n))
    var total = 0.0
    for i in 0..<n {
      let largest = (0..<c).reduce(-Double.infinity) { max($0, Double(logits.value[i, $1])) }
      let sum = (0..<c).reduce(0.0) { $0 + exp(Double(logits.value[i, $1]) - largest) }
      total += log(sum) - (Double(logits.value[i, target]) - largest)
      guard let sink else { continue }
      for j in 0..<c {
        let share = exp(Double(logits.value[i, j]) - largest) / sum
        let before = sink.accumulates ? Double(sink.window[i, j]) : 0
        sink.window[i, j] = S(before + scale * (share - (j == target ? 1 : 0)))
      }
    }
    return total / Double(max(1, n))
  }
}
