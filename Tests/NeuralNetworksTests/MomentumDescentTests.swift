import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@Suite struct MomentumDescentTests {
  /// Keras: v ← 0.9 v − η g; w ← w + v. By hand, for a gradient that stays 1.
  @Test func theStepRemembersThoseBefore() {
    let parameters = Parameters<Double>()
    _ = parameters.declare("w", rows: 1, columns: 2, .zeros)
    parameters.weights[0, 1] = 5
    let optimizer = MomentumDescent<Double>(weightCount: 2, learningRate: 0.1)
    var found: [Double] = []
    for _ in 0..<3 {
      parameters.gradients[0, 0] = 1
      parameters.gradients[0, 1] = 0
      optimizer.update(parameters)
      found.append(parameters.weights[0, 0])
    }
    assertClose(found, [-0.1, -0.29, -0.561], tolerance: 1e-14)
    #expect(parameters.weights[0, 1] == 5 && optimizer.step == 3)
    optimizer.forget()
    #expect(optimizer.step == 0 && optimizer.velocity[0, 0] == 0)
    optimizer.update(parameters)
    assertClose([parameters.weights[0, 0]], [-0.661], tolerance: 1e-14)
  }

  /// On a quadratic the weights reach the minimum.
  @Test func findsTheMinimum() {
    let parameters = Parameters<Float>()
    _ = parameters.declare("w", rows: 1, columns: 3, .zeros)
    let goal: [Float] = [1, -2, 3]
    let kind = OptimizerKind.momentum(0.9)
    let optimizer: any Optimizer<Float> = kind.optimizer(weightCount: 3, learningRate: 0.05)
    for _ in 0..<300 {
      for j in 0..<3 { parameters.gradients[0, j] = parameters.weights[0, j] - goal[j] }
      optimizer.update(parameters)
    }
    assertClose(parameters.weights.matrix().elements, goal, tolerance: 1e-4)
  }
}
