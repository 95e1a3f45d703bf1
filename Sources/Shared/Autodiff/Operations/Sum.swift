// z = Σ_k w_k x_k, element by element; dx_k = w_k dz.

import Tensors

private struct Sum<S: EngineScalar>: Operation {
  let terms: [(weight: S, value: Variable<S>)]
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output) else { return }
    for term in terms {
      guard let sink = tape.sink(for: term.value) else { continue }
      addScaled(outer, factor: term.weight, into: sink.window, accumulating: sink.accumulates)
    }
  }
}

extension Tape {
  /// x + y. (N, D) (N, D) → (N, D)
  package func sum(_ x: Variable<S>, _ y: Variable<S>) -> Variable<S> {
    weightedSum([(1, x), (1, y)])
  }

  /// Σ_k w_k x_k of matrices of one shape. (N, D), … → (N, D)
  package func weightedSum(_ terms: [(weight: S, value: Variable<S>)]) -> Variable<S> {
    let first = terms[0].value
    let output = result(rows: first.rows, columns: first.columns)
    for (number, (weight, x)) in terms.enumerated() {
      precondition(
        x.rows == first.rows && x.columns == first.columns,
        "the sum of \(first.rows) × \(first.columns) and \(x.rows) × \(x.columns)")
      addScaled(x.value, factor: weight, into: output.value, accumulating: number > 0)
    }
    record(Sum(terms: terms, output: output))
    return output
  }
}
