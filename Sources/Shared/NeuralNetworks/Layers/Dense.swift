import Autodiff

/// A fully connected layer: y = x W + b, rectified if asked. Glorot-uniform W, zero b.
package struct Dense: Sendable {
  package let kernel: Parameter
  package let bias: Parameter
  let rectifies: Bool

  /// Declares NAME.kernel (inputs, outputs) and NAME.bias (1, outputs).
  package init<S>(
    _ name: String, inputs: Int, outputs: Int, rectifying: Bool = false,
    in parameters: Parameters<S>
  ) {
    kernel = parameters.declare(
      "\(name).kernel", rows: inputs, columns: outputs, .glorotUniform)
    bias = parameters.declare("\(name).bias", rows: 1, columns: outputs, .zeros)
    rectifies = rectifying
  }

  /// (N, inputs) → (N, outputs)
  package func callAsFunction<S>(_ x: Variable<S>, on tape: Tape<S>) -> Variable<S> {
    tape.affine(
      x, kernel: tape.variable(kernel), bias: tape.variable(bias), rectifying: rectifies)
  }

  /// The same without rectifying, for standardized sparse rows, which are never formed.
  package func callAsFunction<S>(_ x: StandardizedRows<S>, on tape: Tape<S>) -> Variable<S> {
    precondition(!rectifies, "a rectified layer of sparse rows")
    return tape.affine(x, kernel: tape.variable(kernel), bias: tape.variable(bias))
  }
}
