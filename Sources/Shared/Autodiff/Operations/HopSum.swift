// out = Σ_t Âᵗ P_t, t = 0…T, by Horner's rule: T sparse products as wide as the output, whatever
// the width of the input. dP_0 = d out, dP_t = Âᵀ dP_{t−1}. The gradient of Âᵗ P_t needs the
// transpose, because a k-nearest-neighbor graph is directed.

import Tensors

/// A normalized adjacency Â with its transpose, both in compressed rows. (N, N)
package struct Propagation<S: EngineScalar>: Sendable {
  package let forward: SparseMatrix<S>
  package let backward: SparseMatrix<S>

  package init(_ normalized: SparseMatrix<S>) {
    precondition(normalized.rows == normalized.columns, "an adjacency must be square")
    forward = normalized
    backward = normalized.transposed()
  }

  package var cellCount: Int { forward.rows }

  /// parts[0] ← Σ_t Âᵗ parts[t]; partial sums overwrite the other parts.
  func sumHops(_ parts: [Window<S>]) {
    for t in stride(from: parts.count - 1, to: 0, by: -1) {
      multiply(forward, parts[t], accumulating: true, into: parts[t - 1])
    }
  }

  /// parts[t] ← (Âᵀ)ᵗ outer for t = 1…; parts[0] does not change.
  func spreadGradient(_ outer: Window<S>, into parts: [Window<S>]) {
    var previous = outer
    for part in parts.dropFirst() {
      multiply(backward, previous, into: part)
      previous = part
    }
  }
}
