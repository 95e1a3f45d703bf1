// z = a x + b y, element by element; dx = a dz, dy = b dz.

import Tensors

private struct Sum<S: EngineScalar>: Operation {
  let terms: [(factor: S, variable: Variable<S>)]
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output) else { return }
    for (factor, term) in terms {
      guard let sink = tape.sink(for: term) else { continue }
      addScaled(outer, factor: factor, into: sink.window, accumulating: sink.accumulates)
    }
  }
}

extension Tape {
  /// a x + b y, x + y where no factors are given. (N, D) (N, D) → (N, D)
  package func sum(_ x: Variable<S>, _ y: Variable<S>, factors: (S, S) = (1, 1)) -> Variable<S> {
    precondition(
      x.rows == y.rows && x.columns == y.columns,
      "the sum of \(x.rows) × \(x.columns) and \(y.rows) × \(y.columns)")
    let output = result(rows: x.rows, columns: x.columns)
    addScaled(x.value, factor: factors.0, into: output.value, accumulating: false)
    addScaled(y.value, factor: factors.1, into: output.value, accumulating: true)
    record(Sum(terms: [(factors.0, x), (factors.1, y)], output: output))
    return output
  }
}
