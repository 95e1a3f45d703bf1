// z = x + y, element by element; dx = dy = dz.

import Tensors

private struct Sum<S: EngineScalar>: Operation {
  let terms: [Variable<S>]
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output) else { return }
    for term in terms {
      guard let sink = tape.sink(for: term) else { continue }
      addScaled(outer, factor: 1, into: sink.window, accumulating: sink.accumulates)
    }
  }
}

extension Tape {
  /// x + y. (N, D) (N, D) → (N, D)
  package func sum(_ x: Variable<S>, _ y: Variable<S>) -> Variable<S> {
    precondition(
      x.rows == y.rows && x.columns == y.columns,
      "the sum of \(x.rows) × \(x.columns) and \(y.rows) × \(y.columns)")
    let output = result(rows: x.rows, columns: x.columns)
    addScaled(x.value, factor: 1, into: output.value, accumulating: false)
    addScaled(y.value, factor: 1, into: output.value, accumulating: true)
    record(Sum(terms: [x, y], output: output))
    return output
  }
}
