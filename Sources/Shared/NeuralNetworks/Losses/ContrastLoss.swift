// Makes two views agree (Lin et al.: COMPLETER, CVPR 2021, equation 3). There the views are class
// probabilities, in scMCs codes ≥ 0. J = (q_xᵀ q_y + q_yᵀ q_x) / 2, scaled to sum 1, is treated as
// the joint probabilities of D kinds in both views. a and b are its sums by row and by column:
//
//   L = −Σ_kl J_kl (ln J_kl − m ln a_k − m ln b_l)
//
// the mutual information of both, with the entropies weighted m − 1 times more. J, a and b are at
// least ε = 2.2e-16, and have no gradient below it. J is symmetric, so that a = b. With G the
// gradient by J and s the sum before the scaling: d(q_xᵀ q_y) = (H + Hᵀ) / 2, H = (G − Σ G J) / s.
// q (N, D).

import Autodiff
import Glibc
import Tensors

extension Tape {
  /// weight · L of codes (N, D) of two views, with m = `marginWeight`. Writes the gradients of
  /// both, and returns L, not weighted. If all codes are 0, L and the gradients are 0.
  package func contrastLoss(
    of first: Variable<S>, and second: Variable<S>, marginWeight: Double, weight: S
  ) -> Double {
    precondition(
      first.rows == second.rows && first.columns == second.columns,
      "a contrast of \(first.rows) × \(first.columns) and \(second.rows) × \(second.columns)")
    let d = first.columns
    let products = workspace.window(rows: d, columns: d)
    multiply(first.value, second.value, transposeA: true, into: products)
    let joint = JointKinds(products, marginWeight: marginWeight)
    for i in 0..<d {
      for j in 0..<d { products[i, j] = S(Double(weight) * joint.gradient(i, j)) }
    }
    if let sink = sink(for: first) {
      multiply(
        second.value, products, transposeB: true, accumulating: sink.accumulates,
        into: sink.window)
    }
    if let sink = sink(for: second) {
      multiply(first.value, products, accumulating: sink.accumulates, into: sink.window)
    }
    return joint.loss
  }
}

/// J with its loss and its gradient, in Double.
private struct JointKinds {
  private static let floor = 2.220446049250313e-16

  private let kinds: Int
  private(set) var loss = 0.0
  /// H. (D · D)
  private var slopes: [Double]

  /// Takes q_xᵀ q_y. (D, D)
  init<S: EngineScalar>(_ products: Window<S>, marginWeight m: Double) {
    let d = products.rows
    kinds = d
    slopes = [Double](repeating: 0, count: d * d)
    var joint = (0..<d * d).map {
      (Double(products[$0 / d, $0 % d]) + Double(products[$0 % d, $0 / d])) / 2
    }
    let sum = joint.reduce(0, +)
    guard sum > 0 else { return }
    for k in joint.indices { joint[k] /= sum }
    let floored = joint.map { max($0, Self.floor) }
    let margins = (0..<d).map { i in (0..<d).reduce(0.0) { $0 + joint[i * d + $1] } }
    let logs = margins.map { log(max($0, Self.floor)) }
    // m Σ_l J_kl / a_k, for a margin above its bound.
    let pulls = (0..<d).map { i in
      margins[i] < Self.floor
        ? 0 : m * (0..<d).reduce(0.0) { $0 + floored[i * d + $1] } / margins[i]
    }
    var mean = 0.0
    for k in joint.indices {
      let (i, j) = (k / d, k % d)
      let inner = log(floored[k]) - m * (logs[i] + logs[j])
      loss -= floored[k] * inner
      slopes[k] = pulls[i] + pulls[j] - (joint[k] < Self.floor ? 0 : inner + 1)
      mean += slopes[k] * joint[k]
    }
    for k in slopes.indices { slopes[k] = (slopes[k] - mean) / sum }
  }

  /// dL / d(q_xᵀ q_y)_ij.
  func gradient(_ i: Int, _ j: Int) -> Double {
    (slopes[i * kinds + j] + slopes[j * kinds + i]) / 2
  }
}
