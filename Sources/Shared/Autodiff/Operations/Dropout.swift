// y = x m, where m is 0 with probability `rate` and 1 / (1 − rate) otherwise (inverted dropout: Srivastava et al. 2014); dx = dy m.

import Tensors

private struct Dropout<S: EngineScalar>: Operation {
  let input: Variable<S>
  let mask: Window<S>
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output), let sink = tape.sink(for: input) else { return }
    // SAFETY: all windows have the shape of the output.
    unsafe S.kernels.multiply(
      mask.count, outer.pointer, mask.pointer, sink.window.pointer, sink.accumulates)
  }
}

extension Tape {
  /// Drops each element with probability `rate` (below 1) and scales the others up. (N, D) → (N, D)
  package func dropout(_ x: Variable<S>, rate: Double, using generator: inout RandomGenerator)
    -> Variable<S>
  {
    precondition(rate >= 0 && rate < 1, "dropout rate \(rate)")
    let mask = workspace.window(rows: x.rows, columns: x.columns)
    let kept = S(1 / (1 - rate))
    for i in 0..<x.rows {
      for j in 0..<x.columns { mask[i, j] = generator.uniform() < rate ? 0 : kept }
    }
    let output = result(rows: x.rows, columns: x.columns)
    // SAFETY: all windows have the shape of x.
    unsafe S.kernels.multiply(
      mask.count, x.value.pointer, mask.pointer, output.value.pointer, false)
    record(Dropout(input: x, mask: mask, output: output))
    return output
  }
}
