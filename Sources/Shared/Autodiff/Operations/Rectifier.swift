// y = max(0, x), element by element; dx = dy where y > 0.

import Tensors

private struct Rectifier<S: EngineScalar>: Operation {
  let input: Variable<S>
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output), let sink = tape.sink(for: input) else { return }
    rectifierGradient(
      y: output.value, dy: outer, into: sink.window, accumulating: sink.accumulates)
  }
}

extension Tape {
  /// max(0, x). (N, D) → (N, D)
  package func relu(_ x: Variable<S>) -> Variable<S> {
    let output = result(rows: x.rows, columns: x.columns)
    // SAFETY: both windows hold x.value.count elements.
    unsafe S.kernels.relu(x.value.count, x.value.pointer, output.value.pointer)
    record(Rectifier(input: x, output: output))
    return output
  }
}
