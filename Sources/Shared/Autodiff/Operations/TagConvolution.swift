// Topology-adaptive graph convolution (Du et al. 2017) of a dense input: out = Σ_{t=0..T} Âᵗ x W_t
// + b, rectified if asked. x (N, D); W_0…W_T stacked, ((T + 1) D, E); b (1, E); out (N, E). x is
// multiplied by the weights first, so that the hops are E wide. With dP_t = (Âᵀ)ᵗ d out: dW_t = xᵀ
// dP_t, dx = Σ_t dP_t W_tᵀ, db = Σ_i d out_i.

import Tensors

private struct TagConvolution<S: EngineScalar>: Operation {
  let input: Variable<S>
  let graph: Propagation<S>
  let kernel: Variable<S>
  let bias: Variable<S>
  let output: Variable<S>
  /// The products x W_t; the backward pass uses their memory for dP_t.
  let parts: [Window<S>]
  let rectifies: Bool

  func backward(on tape: Tape<S>) {
    guard let outer = tape.outerGradient(of: output, rectified: rectifies) else { return }
    graph.spreadGradient(outer, into: parts)
    if let sink = tape.sink(for: bias) {
      columnSums(
        of: outer, into: sink.window, accumulating: sink.accumulates, scratch: tape.doubles)
    }
    let kernelSink = tape.sink(for: kernel)
    let inputSink = tape.sink(for: input)
    for t in parts.indices {
      let gradient = t == 0 ? outer : parts[t]
      let rows = t * input.columns..<(t + 1) * input.columns
      if let sink = kernelSink {
        multiply(
          input.value, gradient, transposeA: true, accumulating: sink.accumulates,
          into: sink.window.slice(rows: rows))
      }
      if let sink = inputSink {
        multiply(
          gradient, kernel.value.slice(rows: rows), transposeB: true,
          accumulating: sink.accumulates || t > 0, into: sink.window)
      }
    }
  }
}

extension Tape {
  /// Σ_t Âᵗ x W_t + b over T hops, rectified if asked. (N, D) ((T + 1) D, E) (1, E) → (N, E)
  package func tagConvolution(
    _ x: Variable<S>, over graph: Propagation<S>, kernel: Variable<S>, bias: Variable<S>,
    hops: Int, rectifying: Bool
  ) -> Variable<S> {
    precondition(
      kernel.rows == (hops + 1) * x.columns && graph.cellCount == x.rows,
      "a kernel of \(kernel.rows) rows for \(hops) hops of \(x.columns) columns")
    let output = result(rows: x.rows, columns: kernel.columns)
    let parts = (0...hops).map { t in
      t == 0 ? output.value : workspace.window(rows: x.rows, columns: kernel.columns)
    }
    for (t, part) in parts.enumerated() {
      let weights = kernel.value.slice(rows: t * x.columns..<(t + 1) * x.columns)
      multiply(x.value, weights, into: part)
    }
    graph.sumHops(parts)
    addBias(bias.value, to: output.value, rectifying: rectifying)
    record(
      TagConvolution(
        input: x, graph: graph, kernel: kernel, bias: bias, output: output, parts: parts,
        rectifies: rectifying))
    return output
  }
}
