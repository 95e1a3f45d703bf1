// Adam (Kingma and Ba 2015), over all weights of a model in one loop: m ← β₁ m + (1 − β₁) g; v ← β₂
// v + (1 − β₂) g²; w ← w − η m̂ / (√v̂ + ε), m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).

import Autodiff
import Glibc
import Tensors

/// Adam with its moments.
package final class Adam<S: EngineScalar>: Optimizer {
  /// Whether ε is added to √v̂ (Kingma and Ba's algorithm 1; PyTorch) or to √v (their section 2,
  /// "ε̂"; Keras).
  package enum EpsilonPlacement: Sendable { case besideCorrectedRoot, besideRawRoot }

  package var learningRate: Double
  let beta1: Double
  let beta2: Double
  let epsilon: Double
  let placement: EpsilonPlacement
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
    epsilon: Double = 1e-8, placement: EpsilonPlacement = .besideCorrectedRoot
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.placement = placement
    firstMoments = Window(uninitializedRows: 1, columns: weightCount)
    secondMoments = Window(uninitializedRows: 1, columns: weightCount)
    firstMoments.fill(with: 0)
    secondMoments.fill(with: 0)
  }

  /// Moves the weights by one step along their gradients.
  package func update(_ parameters: Parameters<S>) {
    let (weights, gradients) = (parameters.weights, parameters.gradients)
    precondition(weights.count == firstMoments.count, "an optimizer of another model")
    step += 1
    let corrected = placement == .besideCorrectedRoot
    // Keras corrects the bias with β₁ and β₂ in single precision.
    let (decay1, decay2) =
      corrected ? (beta1, beta2) : (Double(Float(beta1)), Double(Float(beta2)))
    let first = 1 - pow(decay1, Double(step))
    let second = (1 - pow(decay2, Double(step))).squareRoot()
    let rate = S(corrected ? learningRate / first : learningRate * second / first)
    let rootScale = S(corrected ? 1 / second : 1)
    let (b1, b2, e) = (S(beta1), S(beta2), S(epsilon))
    let size = 1 << 16
    let (m, v) = (firstMoments, secondMoments)
    parallelTiles(tileCount(weights.count, of: size)) { number in
      let range = tile(number, of: size, in: weights.count)
      let offset = range.lowerBound
      // SAFETY: all four hold `weights.count` elements; tiles are disjoint.
      unsafe S.kernels.adam(
        range.count, weights.pointer + offset, gradients.pointer + offset, m.pointer + offset,
        v.pointer + offset, b1, b2, rate, rootScale, e)
    }
  }
}
