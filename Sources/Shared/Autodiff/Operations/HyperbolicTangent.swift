// y = tanh x, element by element; dx = dy (1 − y²).

import Tensors

private struct HyperbolicTangent<S: EngineScalar>: Operation {
  let input: Variable<S>
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output), let sink = tape.sink(for: input) else { return }
    // SAFETY: all windows have the shape of the output.
    unsafe S.kernels.tanhBackward(
      outer.count, output.value.pointer, outer.pointer, sink.window.pointer, sink.accumulates)
  }
}

extension Tape {
  /// tanh x. (N, D) → (N, D)
  package func tanh(_ x: Variable<S>) -> Variable<S> {
    let output = result(rows: x.rows, columns: x.columns)
    // SAFETY: both windows have the shape of x.
    unsafe S.kernels.tanh(x.value.count, x.value.pointer, output.value.pointer)
    record(HyperbolicTangent(input: x, output: output))
    return output
  }
}
