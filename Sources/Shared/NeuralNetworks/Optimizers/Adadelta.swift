// Adadelta (Zeiler 2012), in the form of PyTorch's:
// s ← ρ s + (1 − ρ) g²;  d = √(a + ε) / √(s + ε) g;  a ← ρ a + (1 − ρ) d²;  w ← w − η d.

import Autodiff
import Tensors

/// Adadelta with its two running means of squares.
package final class Adadelta<S: EngineScalar>: Optimizer {
  package var learningRate: Double
  let rho: Double
  let epsilon: Double
  /// Steps done.
  package var step = 0
  /// Running means of the squared gradients and of the squared steps, in the order of the weights.
  /// (1, count)
  package let squaredGradients: Window<S>
  package let squaredSteps: Window<S>

  package var memory: [(name: String, values: Window<S>)] {
    [("squared_gradients", squaredGradients), ("squared_steps", squaredSteps)]
  }

  package init(
    weightCount: Int, learningRate: Double = 1, rho: Double = 0.95, epsilon: Double = 1e-6
  ) {
    self.learningRate = learningRate
    self.rho = rho
    self.epsilon = epsilon
    squaredGradients = Window(uninitializedRows: 1, columns: weightCount)
    squaredSteps = Window(uninitializedRows: 1, columns: weightCount)
    squaredGradients.fill(with: 0)
    squaredSteps.fill(with: 0)
  }

  /// Moves the weights by one step along their gradients.
  package func update(_ parameters: Parameters<S>) {
    let (weights, gradients) = (parameters.weights, parameters.gradients)
    precondition(weights.count == squaredGradients.count, "an optimizer of another model")
    step += 1
    let (decay, rate, e) = (S(rho), S(learningRate), S(epsilon))
    let (s, a) = (squaredGradients, squaredSteps)
    let size = 1 << 16
    parallelTiles(tileCount(weights.count, of: size)) { number in
      let range = tile(number, of: size, in: weights.count)
      let offset = range.lowerBound
      // SAFETY: all four hold `weights.count` elements; tiles are disjoint.
      unsafe S.kernels.adadelta(
        range.count, weights.pointer + offset, gradients.pointer + offset, s.pointer + offset,
        a.pointer + offset, decay, rate, e)
    }
  }
}
