// y_ij = exp(x_ij) / Σ_k exp(x_ik); dx = y (dy − Σ_k dy_k y_k), row by row.

import Tensors

private struct Softmax<S: EngineScalar>: Operation {
  let input: Variable<S>
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output), let sink = tape.sink(for: input) else { return }
    let y = output.value
    // SAFETY: all four windows have the shape of y.
    unsafe S.kernels.softmaxBackward(
      y.rows, y.columns, y.pointer, outer.pointer, sink.window.pointer, sink.accumulates)
  }
}

extension Tape {
  /// The softmax of every row. (N, K) → (N, K)
  package func softmax(_ x: Variable<S>) -> Variable<S> {
    let output = result(rows: x.rows, columns: x.columns)
    // SAFETY: both windows have the shape of x.
    unsafe S.kernels.softmax(x.rows, x.columns, x.value.pointer, output.value.pointer)
    record(Softmax(input: x, output: output))
    return output
  }
}
