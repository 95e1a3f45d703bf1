// Stochastic gradient descent with momentum (Polyak 1964), in the form of Keras: v ← μ v − η g; w ←
// w + v.

import Autodiff
import Tensors

/// Gradient descent whose steps include a share of the steps before.
package final class MomentumDescent<S: EngineScalar>: Optimizer {
  package var learningRate: Double
  let momentum: Double
  /// Steps done.
  package var step = 0
  /// v: the last step, in the order of the weights. (1, count)
  package let velocity: Window<S>

  package var memory: [(name: String, values: Window<S>)] { [("velocity", velocity)] }

  package init(weightCount: Int, learningRate: Double, momentum: Double = 0.9) {
    self.learningRate = learningRate
    self.momentum = momentum
    velocity = Window(uninitializedRows: 1, columns: weightCount)
    velocity.fill(with: 0)
  }

  /// Moves the weights by one step along their gradients.
  package func update(_ parameters: Parameters<S>) {
    let (weights, gradients) = (parameters.weights, parameters.gradients)
    precondition(weights.count == velocity.count, "an optimizer of another model")
    step += 1
    let (kept, rate, v) = (S(momentum), S(learningRate), velocity)
    let size = 1 << 16
    parallelTiles(tileCount(weights.count, of: size)) { number in
      let range = tile(number, of: size, in: weights.count)
      let offset = range.lowerBound
      // SAFETY: all three hold `weights.count` elements; tiles are disjoint.
      unsafe S.kernels.momentum(
        range.count, weights.pointer + offset, gradients.pointer + offset, v.pointer + offset,
        kept, rate)
    }
  }
}
