// AMSGrad (Reddi, Kale, Kumar 2018), in the form of PyTorch's Adam(amsgrad=True): m ← β₁ m + (1 −
// β₁) g; v ← β₂ v + (1 − β₂) g²; v̄ ← max(v̄, v); w ← w − η m̂ / (√(v̄ / (1 − β₂ᵗ)) + ε), m̂ = m /
// (1 − β₁ᵗ).

import Autodiff
import Glibc
import Tensors

/// Adam whose step sizes never grow again.
package final class AMSGrad<S: EngineScalar>: Optimizer {
  package var learningRate: Double
  let beta1: Double
  let beta2: Double
  let epsilon: Double
  /// Steps done.
  package var step = 0
  /// First and second moments and the largest second moments so far, in the order of the weights.
  /// (1, count)
  package let firstMoments: Window<S>
  package let secondMoments: Window<S>
  package let largestMoments: Window<S>

  package var memory: [(name: String, values: Window<S>)] {
    [("first", firstMoments), ("second", secondMoments), ("largest", largestMoments)]
  }

  package init(
    weightCount: Int, learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    firstMoments = Window(uninitializedRows: 1, columns: weightCount)
    secondMoments = Window(uninitializedRows: 1, columns: weightCount)
    largestMoments = Window(uninitializedRows: 1, columns: weightCount)
    for moments in [firstMoments, secondMoments, largestMoments] { moments.fill(with: 0) }
  }

  /// Moves the weights by one step along their gradients.
  package func update(_ parameters: Parameters<S>) {
    let (weights, gradients) = (parameters.weights, parameters.gradients)
    precondition(weights.count == firstMoments.count, "an optimizer of another model")
    step += 1
    let (b1, b2, e) = (S(beta1), S(beta2), S(epsilon))
    // The bias is computed from the rounded decays: 1 − 0.999 in Float is off by 5e-5.
    let rate = S(learningRate / (1 - pow(Double(b1), Double(step))))
    let rootScale = S(1 / (1 - pow(Double(b2), Double(step))).squareRoot())
    let (m, v, top) = (firstMoments, secondMoments, largestMoments)
    let size = 1 << 16
    parallelTiles(tileCount(weights.count, of: size)) { number in
      let range = tile(number, of: size, in: weights.count)
      let offset = range.lowerBound
      // SAFETY: all five hold `weights.count` elements; tiles are disjoint.
      unsafe S.kernels.amsgrad(
        range.count, weights.pointer + offset, gradients.pointer + offset, m.pointer + offset,
        v.pointer + offset, top.pointer + offset, b1, b2, rate, rootScale, e)
    }
  }
}
