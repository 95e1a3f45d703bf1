// y = x where x > 0, exp(x) − 1 elsewhere (Clevert, Unterthiner, Hochreiter 2016). dx = dy where y
// > 0, dy (y + 1) elsewhere.

import Tensors

private struct ExponentialLinear<S: EngineScalar>: Operation {
  let input: Variable<S>
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output), let sink = tape.sink(for: input) else { return }
    // SAFETY: all windows have the shape of the output.
    unsafe S.kernels.eluBackward(
      outer.count, output.value.pointer, outer.pointer, sink.window.pointer, sink.accumulates)
  }
}

extension Tape {
  /// x where x > 0, exp(x) − 1 elsewhere. (N, D) → (N, D)
  package func elu(_ x: Variable<S>) -> Variable<S> {
    let output = result(rows: x.rows, columns: x.columns)
    // SAFETY: both windows have the shape of x.
    unsafe S.kernels.elu(x.value.count, x.value.pointer, output.value.pointer)
    record(ExponentialLinear(input: x, output: output))
    return output
  }
}
