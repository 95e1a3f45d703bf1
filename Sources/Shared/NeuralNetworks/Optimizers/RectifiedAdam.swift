// Rectified Adam (Liu et al. 2020, algorithm 2): m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; ρ =
// ρ_∞ − 2 t β₂ᵗ / (1 − β₂ᵗ), ρ_∞ = 2 / (1 − β₂) − 1. While ρ < 5 the second moments rest on too few
// steps, and w ← w − η m / (1 − β₁ᵗ). Then w ← w − η r m / (√v + ε), with
//
//   r = √((1 − β₂ᵗ) (ρ − 4) (ρ − 2) ρ_∞ / ((ρ_∞ − 4) (ρ_∞ − 2) ρ)) / (1 − β₁ᵗ).

import Autodiff
import Glibc
import Tensors

/// Adam whose first steps do not divide by second moments of too few steps.
package final class RectifiedAdam<S: EngineScalar>: Optimizer {
  package var learningRate: Double
  let beta1: Double
  let beta2: Double
  let epsilon: Double
  /// Steps done.
  package var step = 0
  /// First and second moments, in the order of the weights. (1, count)
  package let firstMoments: Window<S>
  package let secondMoments: Window<S>

  package var memory: [(name: String, values: Window<S>)] {
    [("first", firstMoments), ("second", secondMoments)]
  }

  package init(
    weightCount: Int, learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8
  ) {
    self.learningRate = learningRate
    (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
    firstMoments = Window(uninitializedRows: 1, columns: weightCount)
    secondMoments = Window(uninitializedRows: 1, columns: weightCount)
    firstMoments.fill(with: 0)
    secondMoments.fill(with: 0)
  }

  /// r at a step, from 1; nil as long as the second moments are not used.
  package func factor(atStep step: Int) -> Double? {
    let (t, longest) = (Double(step), 2 / (1 - beta2) - 1)
    let decay = pow(beta2, t)
    let length = longest - 2 * t * decay / (1 - decay)
    guard length >= 5 else { return nil }
    let rectified =
      (1 - decay) * (length - 4) / (longest - 4) * (length - 2) / length * longest / (longest - 2)
    return rectified.squareRoot() / (1 - pow(beta1, t))
  }

  /// Moves the weights by one step along their gradients.
  package func update(_ parameters: Parameters<S>) {
    let (weights, gradients) = (parameters.weights, parameters.gradients)
    precondition(weights.count == firstMoments.count, "an optimizer of another model")
    step += 1
    let factor = factor(atStep: step)
    let rate = S(factor.map { learningRate * $0 } ?? 0)
    let plain = factor == nil ? S(-learningRate / (1 - pow(beta1, Double(step)))) : nil
    let (b1, b2, e) = (S(beta1), S(beta2), S(epsilon))
    let (m, v) = (firstMoments, secondMoments)
    let size = 1 << 16
    parallelTiles(tileCount(weights.count, of: size)) { number in
      let range = tile(number, of: size, in: weights.count)
      let offset = range.lowerBound
      // SAFETY: all four hold `weights.count` elements; tiles are disjoint.
      unsafe S.kernels.adam(
        range.count, weights.pointer + offset, gradients.pointer + offset, m.pointer + offset,
        v.pointer + offset, b1, b2, rate, 1, e)
      if let plain {
        unsafe S.kernels.axpy(
          range.count, plain, m.pointer + offset, weights.pointer + offset, true)
      }
    }
  }
}
