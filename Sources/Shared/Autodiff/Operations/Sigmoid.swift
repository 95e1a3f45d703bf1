// y = 1 / (1 + exp(−x)) = ½ + ½ tanh(x / 2), element by element; with t = tanh(x / 2): dx = ¼ dy
// (1 − t²).

import Tensors

private struct Sigmoid<S: EngineScalar>: Operation {
  let input: Variable<S>
  /// t. (N, D)
  let tangent: Window<S>
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output), let sink = tape.sink(for: input) else { return }
    let quarter = tape.workspace.window(rows: outer.rows, columns: outer.columns)
    addScaled(outer, factor: 0.25, into: quarter, accumulating: false)
    // SAFETY: all windows have the shape of the output.
    unsafe S.kernels.tanhBackward(
      outer.count, tangent.pointer, quarter.pointer, sink.window.pointer, sink.accumulates)
  }
}

extension Tape {
  /// 1 / (1 + exp(−x)). (N, D) → (N, D)
  package func sigmoid(_ x: Variable<S>) -> Variable<S> {
    let output = result(rows: x.rows, columns: x.columns)
    let tangent = workspace.window(rows: x.rows, columns: x.columns)
    addScaled(x.value, factor: 0.5, into: tangent, accumulating: false)
    // SAFETY: one window, of as many elements.
    unsafe S.kernels.tanh(tangent.count, tangent.pointer, tangent.pointer)
    output.value.fill(with: 0.5)
    addScaled(tangent, factor: 0.5, into: output.value, accumulating: true)
    record(Sigmoid(input: x, tangent: tangent, output: output))
    return output
  }
}
