// One hop over a graph: y = Â x, for Â = D⁻¹ (A + I) the mean over a cell and its neighbors; dx =
// Âᵀ dy. x, y (N, D), Â (N, N) sparse.

import Tensors

private struct NeighborMean<S: EngineScalar>: Operation {
  let input: Variable<S>
  let graph: Propagation<S>
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output), let sink = tape.sink(for: input) else { return }
    multiply(graph.backward, outer, accumulating: sink.accumulates, into: sink.window)
  }
}

extension Tape {
  /// Â x. (N, D) → (N, D)
  package func propagated(_ x: Variable<S>, over graph: Propagation<S>) -> Variable<S> {
    precondition(graph.cellCount == x.rows, "a graph of \(graph.cellCount) for \(x.rows) cells")
    let output = result(rows: x.rows, columns: x.columns)
    multiply(graph.forward, x.value, into: output.value)
    record(NeighborMean(input: x, graph: graph, output: output))
    return output
  }
}
