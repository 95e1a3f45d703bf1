import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceAdamTests {
  /// Iterates of Keras' and PyTorch's Adam for given gradients, Float64.
  @Test(arguments: [
    ("keras_adam_pretrain", Adam<Double>.EpsilonPlacement.besideRawRoot),
    ("keras_adam_cluster", .besideRawRoot), ("keras_adam_big", .besideRawRoot),
    ("torch_adam", .besideCorrectedRoot),
  ])
  func iterates(name: String, placement: Adam<Double>.EpsilonPlacement) throws {
    let reference = try Reference.load(name)
    func number(_ key: String) throws -> Double { try #require(reference[key])[0, 0] }
    let (iterates, gradients) = (try #require(reference["w"]), try #require(reference["g"]))
    let parameters = Parameters<Double>()
    _ = parameters.declare("w", rows: 1, columns: 5, .zeros)
    parameters.weights.copy(from: iterates.selectingRows([0]))
    let adam = Adam<Double>(
      weightCount: 5, learningRate: try number("lr"), beta1: try number("beta1"),
      beta2: try number("beta2"), epsilon: try number("eps"), placement: placement)
    for step in 0..<10 {
      parameters.gradients.copy(from: gradients.selectingRows([step]))
      adam.update(parameters)
      assertClose(
        parameters.weights.matrix(), iterates.selectingRows([step + 1]), tolerance: 1e-10,
        "\(name), step \(step)")
    }
  }
}

@Suite struct AdamTests {
  /// On a quadratic the weights reach the minimum.
  @Test func findsTheMinimum() {
    let parameters = Parameters<Float>()
    _ = parameters.declare("w", rows: 1, columns: 3, .zeros)
    let goal: [Float] = [1, -2, 3]
    let adam = Adam<Float>(weightCount: 3, learningRate: 0.05)
    for _ in 0..<600 {
      for j in 0..<3 { parameters.gradients[0, j] = parameters.weights[0, j] - goal[j] }
      adam.update(parameters)
    }
    assertClose(parameters.weights.matrix().elements, goal, tolerance: 1e-2)
  }
}
