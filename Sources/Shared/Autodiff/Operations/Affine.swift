// y = x W + b, then max(0, ·) if asked: x (N, D), W (D, E), b (1, E), y (N, E). dx = dy Wᵀ, dW = xᵀ
// dy, db = Σ_i dy_i; if rectified, dy counts only where y > 0.

import Tensors

private struct Affine<S: EngineScalar>: Operation {
  let input: Variable<S>
  let kernel: Variable<S>
  let bias: Variable<S>
  let output: Variable<S>
  let rectifies: Bool

  func backward(on tape: Tape<S>) {
    guard let outer = tape.outerGradient(of: output, rectified: rectifies) else { return }
    if let sink = tape.sink(for: kernel) {
      multiply(
        input.value, outer, transposeA: true, accumulating: sink.accumulates, into: sink.window)
    }
    if let sink = tape.sink(for: bias) {
      columnSums(
        of: outer, into: sink.window, accumulating: sink.accumulates, scratch: tape.doubles)
    }
    if let sink = tape.sink(for: input) {
      multiply(
        outer, kernel.value, transposeB: true, accumulating: sink.accumulates, into: sink.window)
    }
  }
}

extension Tape {
  /// x W + b, rectified if asked: a dense layer. (N, D) (D, E) (1, E) → (N, E)
  package func affine(
    _ x: Variable<S>, kernel: Variable<S>, bias: Variable<S>, rectifying: Bool
  ) -> Variable<S> {
    let output = result(rows: x.rows, columns: kernel.columns)
    multiply(x.value, kernel.value, into: output.value)
    addBias(bias.value, to: output.value, rectifying: rectifying)
    record(Affine(input: x, kernel: kernel, bias: bias, output: output, rectifies: rectifying))
    return output
  }
}
