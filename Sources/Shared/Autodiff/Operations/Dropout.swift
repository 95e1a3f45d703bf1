// y = x m, where m is 0 with probability `rate` and 1 / (1 − rate) otherwise (inverted dropout:
// Srivastava et al. 2014); dx = dy m.

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
  /// 0 with probability `rate` (below 1), 1 / (1 − rate) otherwise. (rows, columns)
  package func dropoutMask(rows: Int, columns: Int, rate: Double, key: NoiseKey) -> Window<S> {
    precondition(rate >= 0 && rate < 1, "dropout rate \(rate)")
    let mask = workspace.window(rows: rows, columns: columns)
    // SAFETY: the mask holds rows × columns elements.
    unsafe S.kernels.dropoutMask(
      rows, columns, 0, key.seed, key.stream, S(rate), mask.pointer)
    return mask
  }

  /// Drops each element with probability `rate` and scales the others up. The key determines the
  /// random numbers. (N, D) → (N, D)
  package func dropout(_ x: Variable<S>, rate: Double, key: NoiseKey) -> Variable<S> {
    dropout(x, mask: dropoutMask(rows: x.rows, columns: x.columns, rate: rate, key: key))
  }

  /// x m with a given mask m; a value without a gradient gets none. (N, D) (N, D) → (N, D)
  package func dropout(_ x: Variable<S>, mask: Window<S>) -> Variable<S> {
    precondition(
      mask.rows == x.rows && mask.columns == x.columns,
      "a mask of \(mask.rows) × \(mask.columns) for \(x.rows) × \(x.columns)")
    let output =
      x.needsGradient
      ? result(rows: x.rows, columns: x.columns)
      : constant(workspace.window(rows: x.rows, columns: x.columns))
    // SAFETY: all windows have the shape of x.
    unsafe S.kernels.multiply(
      mask.count, x.value.pointer, mask.pointer, output.value.pointer, false)
    if x.needsGradient { record(Dropout(input: x, mask: mask, output: output)) }
    return output
  }
}
