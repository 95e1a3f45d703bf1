// y_r = x_{i_r}: some rows of a matrix, each at most once. dx_{i_r} = dy_r, and 0 for the rows left
// out.

import Tensors

private struct RowSelection<S: EngineScalar>: Operation {
  let input: Variable<S>
  let rows: Buffer<Int32>
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output), let sink = tape.sink(for: input) else { return }
    if !sink.accumulates { sink.window.fill(with: 0) }
    for r in 0..<rows.count {
      let i = Int(rows[r])
      addScaled(
        outer.slice(rows: r..<r + 1), factor: 1, into: sink.window.slice(rows: i..<i + 1),
        accumulating: true)
    }
  }
}

extension Tape {
  /// The rows `rows`, in their order. (N, D) → (rows.count, D)
  package func rows(_ rows: Buffer<Int32>, of x: Variable<S>) -> Variable<S> {
    let output = result(rows: rows.count, columns: x.columns)
    for r in 0..<rows.count {
      let i = Int(rows[r])
      output.value.slice(rows: r..<r + 1).copy(from: x.value.slice(rows: i..<i + 1))
    }
    record(RowSelection(input: x, rows: rows, output: output))
    return output
  }
}
