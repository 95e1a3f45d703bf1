// Turns the kernel of a graph convolution that multiplies one hop several times, [x, Âx, Âx, …],
// into that of a single hop: out = [W_0; W_1 + … + W_T]. kernel ((T + 1) D, E); out (2 D, E); dW_0
// = d out_0, dW_t = d out_1.

import Tensors

private struct FoldedKernel<S: EngineScalar>: Operation {
  let kernel: Variable<S>
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output), let sink = tape.sink(for: kernel) else { return }
    let rows = output.rows / 2
    for t in 0..<kernel.rows / rows {
      let from = t == 0 ? 0 : rows
      addScaled(
        outer.slice(rows: from..<from + rows), factor: 1,
        into: sink.window.slice(rows: t * rows..<(t + 1) * rows), accumulating: sink.accumulates)
    }
  }
}

extension Tape {
  /// [W_0; W_1 + … + W_T] of a stacked kernel. ((T + 1) D, E) → (2 D, E)
  package func foldedKernel(_ kernel: Variable<S>, hops: Int) -> Variable<S> {
    precondition(hops > 0 && kernel.rows % (hops + 1) == 0, "a kernel without hops")
    let rows = kernel.rows / (hops + 1)
    let output = result(rows: 2 * rows, columns: kernel.columns)
    for t in 0...hops {
      let to = t == 0 ? 0 : rows
      addScaled(
        kernel.value.slice(rows: t * rows..<(t + 1) * rows), factor: 1,
        into: output.value.slice(rows: to..<to + rows), accumulating: t > 1)
    }
    record(FoldedKernel(kernel: kernel, output: output))
    return output
  }
}
