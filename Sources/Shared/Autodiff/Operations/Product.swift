// y = x W: x (N, D), W (D, E), y (N, E). dx = dy Wᵀ, dW = xᵀ dy.

import Tensors

private struct Product<S: EngineScalar>: Operation {
  let input: Variable<S>
  let kernel: Variable<S>
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output) else { return }
    if let sink = tape.sink(for: kernel) {
      multiply(
        input.value, outer, transposeA: true, accumulating: sink.accumulates, into: sink.window)
    }
    if let sink = tape.sink(for: input) {
      multiply(
        outer, kernel.value, transposeB: true, accumulating: sink.accumulates, into: sink.window)
    }
  }
}

extension Tape {
  /// x W: a dense layer without a bias. (N, D) (D, E) → (N, E)
  package func product(_ x: Variable<S>, _ kernel: Variable<S>) -> Variable<S> {
    let output = result(rows: x.rows, columns: kernel.columns)
    multiply(x.value, kernel.value, into: output.value)
    record(Product(input: x, kernel: kernel, output: output))
    return output
  }
}
