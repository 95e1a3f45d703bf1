// A define-by-run tape: operations compute forward at once, note themselves, and are asked for
// their gradients in reverse. Gradients are not zeroed beforehand: the first writer overwrites,
// later ones add. Losses are terminal: they write the gradient of their inputs while they compute
// their value, so their large intermediate results never exist.

import Tensors

/// A matrix on the tape: its value and, where it is wanted, the place of its gradient.
package struct Variable<S: EngineScalar>: Sendable {
  /// Its number on the tape.
  let number: Int
  package let value: Window<S>
  let gradient: Window<S>?

  package var rows: Int { value.rows }
  package var columns: Int { value.columns }
  /// Whether a gradient is wanted for it.
  package var needsGradient: Bool { gradient != nil }
}

/// One step of a computation that can be differentiated: a file holds its forward function and
/// this.
package protocol Operation<Scalar> {
  associatedtype Scalar: EngineScalar

  /// Adds what the gradient of the outputs gives for the inputs. Called only if the outputs'
  /// gradient was written.
  func backward(on tape: Tape<Scalar>)
  /// The variable whose gradient `backward` reads.
  var output: Variable<Scalar> { get }
}

/// Where an operation puts a gradient, and whether something is there already.
package struct GradientSink<S: EngineScalar>: Sendable {
  package let window: Window<S>
  /// Whether to add (true) or to overwrite (false).
  package let accumulates: Bool

  package init(window: Window<S>, accumulates: Bool) {
    self.window = window
    self.accumulates = accumulates
  }
}

/// The operations of one training step, and the memory that they work in.
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

  /// Begins a new step: forgets the operations and hands the memory out again. Variables of the
  /// last step are invalid.
  package func reset() {
    operations.removeAll(keepingCapacity: true)
    isWritten.removeAll(keepingCapacity: true)
    for _ in 0..<parameters.all.count { isWritten.append(false) }
    workspace.reset()
    doubles.reset()
  }

  /// A value that no gradient is wanted for.
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

  /// The output of an operation, still to be computed.
  package func result(rows: Int, columns: Int) -> Variable<S> {
    isWritten.append(false)
    return Variable(
      number: isWritten.count - 1, value: workspace.window(rows: rows, columns: columns),
      gradient: workspace.window(rows: rows, columns: columns))
  }

  /// Notes an operation for `backward()`.
  package func record(_ operation: some Operation<S>) { operations.append(operation) }

  /// Where a gradient of `variable` is to be written now, marked as written; nil where none is
  /// wanted.
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

  /// The gradient of an operation's output; where the operation rectified it, only of the elements
  /// that stayed above 0 (cut in place).
  func outerGradient(of output: Variable<S>, rectified: Bool) -> Window<S>? {
    guard let outer = gradient(of: output) else { return nil }
    if rectified {
      rectifierGradient(y: output.value, dy: outer, into: outer, accumulating: false)
    }
    return outer
  }

  /// Passes the gradients that the losses left back to every parameter; those that took no part get
  /// zeros.
  package func backward() {
    for operation in operations.reversed() where isWritten[operation.output.number] {
      operation.backward(on: self)
    }
    for parameter in parameters.all where !isWritten[parameter.number] {
      parameters.gradient(of: parameter).fill(with: 0)
    }
  }
}
