import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// Iterates of PyTorch's optimizers for given gradients, Float64.
@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceOptimizerTests {
  private func check<S: EngineScalar>(
    _ name: String, tolerance: Double, scalar: S.Type,
    _ make: (_ number: (String) throws -> Double) throws -> (Parameters<S>) -> Void
  ) throws {
    let reference = try Reference.load(name)
    let update = try make { try #require(reference[$0])[0, 0] }
    let (iterates, gradients) = (try #require(reference["w"]), try #require(reference["g"]))
    let parameters = Parameters<S>()
    _ = parameters.declare("w", rows: 1, columns: 5, .zeros)
    parameters.weights.copy(from: iterates.selectingRows([0]).converted(to: S.self))
    for step in 0..<10 {
      parameters.gradients.copy(from: gradients.selectingRows([step]).converted(to: S.self))
      update(parameters)
      assertClose(
        parameters.weights.matrix(), iterates.selectingRows([step + 1]), tolerance: tolerance,
        scale: 0.1, "\(name), step \(step)")
    }
  }

  private func checkAMSGrad<S: EngineScalar>(_ name: String, _ scalar: S.Type, _ tolerance: Double)
    throws
  {
    try check(name, tolerance: tolerance, scalar: scalar) { number in
      let optimizer = AMSGrad<S>(
        weightCount: 5, learningRate: try number("lr"), beta1: try number("beta1"),
        beta2: try number("beta2"), epsilon: try number("eps"))
      return optimizer.update
    }
  }

  private func checkAdadelta<S: EngineScalar>(_ scalar: S.Type, _ tolerance: Double) throws {
    try check("torch_adadelta", tolerance: tolerance, scalar: scalar) { number in
      let optimizer = Adadelta<S>(
        weightCount: 5, learningRate: try number("lr"), rho: try number("rho"),
        epsilon: try number("eps"))
      return optimizer.update
    }
  }

  @Test(arguments: ["torch_adam_amsgrad", "torch_adam_amsgrad_lr1e3"])
  func amsgrad(name: String) throws {
    try checkAMSGrad(name, Double.self, 1e-10)
    try checkAMSGrad(name, Float.self, 1e-5)
  }

  @Test func adadelta() throws {
    try checkAdadelta(Double.self, 1e-10)
    try checkAdadelta(Float.self, 1e-5)
  }
}
