// A define-by-run tape. Operations compute their values at once and are recorded; their gradients
// are computed in reverse order. Gradients are not zeroed beforehand: the first writer overwrites,
// later ones add. Losses are terminal: they write the gradient of their inputs while they compute
// their value. So their large intermediate results never exist.

import Tensors

/// A matrix on the tape: its value and, if it needs one, its gradient.
package struct Variable<S: EngineScalar>: Sendable {
  /// Its number on the tape.
  let number: Int
  package let value: Window<S>
  let gradient: Window<S>?

  package var rows: Int { value.rows }
  package var columns: Int { value.columns }
  /// Whether its gradient is computed.
  package var needsGradient: Bool { gradient != nil }
}

/// One step of a differentiable computation; its file also holds the forward function.
package protocol Operation<Scalar> {
  associatedtype Scalar: EngineScalar

  /// Adds the gradient of the inputs that follows from that of the outputs. Called only if the
  /// outputs' gradient was written.
  func backward(on tape: Tape<Scalar>)
  /// The variable whose gradient `backward` reads.
  var output: Variable<Scalar> { get }
}

/// The place to write a gradient to, and whether it holds values already.
package struct GradientSink<S: EngineScalar>: Sendable {
  package let window: Window<S>
  /// Whether to add (true) or to overwrite (false).
  package let accumulates: Bool

  package init(window: Window<S>, accumulates: Bool) {
    self.window = window
    self.accumulates = accumulates
  }
}

/// The operations of one training step, and their memory.
package final class Tape<S: EngineScalar> {
  /// Memory for values, gradients and scratch.
  package let workspace = Workspace<S>()
  /// Memory for sums in double precision.
  package let doubles = Workspace<Double>()
  package let parameters: Parameters<S>
  private var operations: [any Operation<S>] = []
  /// Whether the gradient of each variable has been written in this step; the parameters come
  /// first.
  private var isWritten: [Bool] = []

  package init(_ parameters: Parameters<S>) {
    self.parameters = parameters
    reset()
  }

  /// Begins a new step: removes the operations and reuses the memory. Variables of the last step
  /// are invalid.
  package func reset() {
    operations.removeAll(keepingCapacity: true)
    isWritten.removeAll(keepingCapacity: true)
    for _ in 0..<parameters.all.count { isWritten.append(false) }
    workspace.reset()
    doubles.reset()
  }

  /// A value without a gradient.
  package func constant(_ value: Window<S>) -> Variable<S> {
    isWritten.append(false)
    return Variable(number: isWritten.count - 1, value: value, gradient: nil)
  }

  /// A trained matrix.
  package func variable(_ parameter: Parameter) -> Variable<S> {
    Variable(
      number: parameter.number, value: parameters.weights(of: parameter),
      gradient: parameters.gradient(of: parameter))
  }

  /// The output of an operation, not yet computed.
  package func result(rows: Int, columns: Int) -> Variable<S> {
    isWritten.append(false)
    return Variable(
      number: isWritten.count - 1, value: workspace.window(rows: rows, columns: columns),
      gradient: workspace.window(rows: rows, columns: columns))
  }

  /// Records an operation for `backward()`.
  package func record(_ operation: some Operation<S>) { operations.append(operation) }

  /// The place to write the gradient of `variable` to, now marked as written; nil if it needs none.
  package func sink(for variable: Variable<S>) -> GradientSink<S>? {
    guard let gradient = variable.gradient else { return nil }
    let accumulates = isWritten[variable.number]
    isWritten[variable.number] = true
    return GradientSink(window: gradient, accumulates: accumulates)
  }

  /// The gradient of a variable, once written.
  package func gradient(of variable: Variable<S>) -> Window<S>? {
    isWritten[variable.number] ? variable.gradient : nil
  }

  /// The gradient of an operation's output. If the operation rectified it, only elements that
  /// stayed above 0 have one; the others are set to 0 in place.
  func outerGradient(of output: Variable<S>, rectified: Bool) -> Window<S>? {
    guard let outer = gradient(of: output) else { return nil }
    if rectified {
      rectifierGradient(y: output.value, dy: outer, into: outer, accumulating: false)
    }
    return outer
  }

  /// Passes the losses' gradients back to every parameter; parameters that took no part get zeros.
  package func backward() {
    for operation in operations.reversed() where isWritten[operation.output.number] {
      operation.backward(on: self)
    }
    for parameter in parameters.all where !isWritten[parameter.number] {
      parameters.gradient(of: parameter).fill(with: 0)
    }
  }
}
