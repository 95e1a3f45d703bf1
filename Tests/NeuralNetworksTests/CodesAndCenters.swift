import Autodiff
import Tensors
import TestSupport
import Testing

/// Eleven cells in four dimensions and three centers, whose losses are checked.
struct CodesAndCenters {
  let parameters = Parameters<Double>()
  let codes: Parameter
  let centers: Parameter

  init() {
    codes = parameters.declare("z", rows: 11, columns: 4, .zeros)
    centers = parameters.declare("centers", rows: 3, columns: 4, .zeros)
    parameters.weights.copy(from: randomMatrix(1, parameters.count, seed: 1))
  }

  /// (11, 4) and (3, 4)
  var values: (z: Matrix<Double>, v: Matrix<Double>) {
    (parameters.weights(of: codes).matrix(), parameters.weights(of: centers).matrix())
  }

  /// Compares the gradients of both with finite differences; returns the loss.
  @discardableResult
  func checkGradients(
    of loss: (Tape<Double>, Variable<Double>, Variable<Double>) -> Double
  ) -> Double {
    let tape = Tape(parameters)
    func value() -> Double {
      tape.reset()
      return loss(tape, tape.variable(codes), tape.variable(centers))
    }
    let first = value()
    tape.backward()
    let weights = parameters.weights
    checkGradient(
      Array(parameters.gradients.matrix().elements), weight: { weights[0, $0] },
      set: { weights[0, $0] = $1 }, loss: value)
    return first
  }
}
