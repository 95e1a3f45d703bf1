// y = x[:, a ..< b]: neighboring columns of a matrix; dx is dy there and 0 elsewhere.

import Tensors

private struct ColumnSelection<S: EngineScalar>: Operation {
  let input: Variable<S>
  let first: Int
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output), let sink = tape.sink(for: input) else { return }
    if !sink.accumulates { sink.window.fill(with: 0) }
    // SAFETY: the output's columns begin at `first` of the input; both have the same rows.
    unsafe S.kernels.copyColumns(
      outer.rows, outer.columns, outer.pointer, outer.columns, sink.window.pointer + first,
      input.columns, true)
  }
}

extension Tape {
  /// Some columns. (N, D) → (N, chosen.count)
  package func columns(_ chosen: Range<Int>, of x: Variable<S>) -> Variable<S> {
    precondition(
      chosen.lowerBound >= 0 && chosen.upperBound <= x.columns,
      "columns \(chosen) of \(x.columns)")
    let output = result(rows: x.rows, columns: chosen.count)
    // SAFETY: as above.
    unsafe S.kernels.copyColumns(
      x.rows, chosen.count, x.value.pointer + chosen.lowerBound, x.columns, output.value.pointer,
      chosen.count, false)
    record(ColumnSelection(input: x, first: chosen.lowerBound, output: output))
    return output
  }
}
