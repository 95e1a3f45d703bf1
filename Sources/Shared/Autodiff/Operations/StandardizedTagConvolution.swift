// The first layer: the convolution of TagConvolution.swift on standardized sparse data X = (S − 1
// mᵀ) D⁻¹, which is never formed. X W_t = S V_t − 1 (mᵀ V_t) with V_t = D⁻¹ W_t, and dW_t = D⁻¹ (Sᵀ
// dP_t − m (Σ_i dP_t,i)). S (N, G) sparse; W_0…W_T stacked, ((T + 1) G, E); b (1, E); out (N, E).

import Tensors

private struct StandardizedTagConvolution<S: EngineScalar>: Operation {
  let input: StandardizedInput<S>
  let graph: Propagation<S>
  let kernel: Variable<S>
  let bias: Variable<S>
  let output: Variable<S>
  let parts: [Window<S>]
  let rectifies: Bool

  func backward(on tape: Tape<S>) {
    guard let outer = tape.outerGradient(of: output, rectified: rectifies) else { return }
    graph.spreadGradient(outer, into: parts)
    let sums = tape.workspace.window(rows: 1, columns: outer.columns)
    for t in parts.indices {
      let gradient = t == 0 ? outer : parts[t]
      columnSums(of: gradient, into: sums, accumulating: false, scratch: tape.doubles)
      if t == 0, let sink = tape.sink(for: bias) {
        addScaled(sums, factor: 1, into: sink.window, accumulating: sink.accumulates)
      }
      weightGradient(of: t, from: gradient, sums: sums, on: tape)
    }
  }

  /// dW_t = D⁻¹ (Sᵀ dP_t − m sums).
  private func weightGradient(
    of t: Int, from gradient: Window<S>, sums: Window<S>, on tape: Tape<S>
  ) {
    guard let sink = tape.sink(for: kernel) else { return }
    let place = sink.window.slice(rows: t * input.columns..<(t + 1) * input.columns)
    // The hops do not overlap: only a second use of the layer in one step would have to add.
    precondition(!sink.accumulates || t > 0, "one standardized layer a step")
    multiply(input.transposed, gradient, into: place)
    let means = input.mean.window(at: 0, rows: input.columns, columns: 1)
    // SAFETY: shapes: (G, 1) (1, E) into (G, E), then each row scaled by D⁻¹.
    unsafe S.blasGemm(
      false, false, input.columns, sums.columns, 1, -1, means.pointer, 1, sums.pointer,
      sums.columns, 1, place.pointer, place.columns)
    unsafe S.kernels.scaleRows(
      place.rows, place.columns, place.pointer, input.inverseDeviation.pointer)
  }
}

extension Tape {
  /// Σ_t Âᵗ X W_t + b over T hops for standardized sparse X, rectified if asked. (N, G) ((T + 1) G,
  /// E) (1, E) → (N, E)
  package func tagConvolution(
    _ x: StandardizedInput<S>, over graph: Propagation<S>, kernel: Variable<S>, bias: Variable<S>,
    hops: Int, rectifying: Bool
  ) -> Variable<S> {
    precondition(
      kernel.rows == (hops + 1) * x.columns && graph.cellCount == x.rows,
      "a kernel of \(kernel.rows) rows for \(hops) hops of \(x.columns) columns")
    let output = result(rows: x.rows, columns: kernel.columns)
    let scaled = workspace.window(rows: x.columns, columns: kernel.columns)
    let shift = workspace.window(rows: 1, columns: kernel.columns)
    let parts = (0...hops).map { t in
      t == 0 ? output.value : workspace.window(rows: x.rows, columns: kernel.columns)
    }
    for (t, part) in parts.enumerated() {
      scaled.copy(from: kernel.value.slice(rows: t * x.columns..<(t + 1) * x.columns))
      // SAFETY: `scaled` has a row for every gene, as D⁻¹ has a value.
      unsafe S.kernels.scaleRows(
        scaled.rows, scaled.columns, scaled.pointer, x.inverseDeviation.pointer)
      multiply(x.mean, scaled, into: shift)
      addScaled(shift, factor: -1, into: shift, accumulating: false)
      multiply(x.values, scaled, into: part)
      addBias(shift, to: part, rectifying: false)
    }
    graph.sumHops(parts)
    addBias(bias.value, to: output.value, rectifying: rectifying)
    record(
      StandardizedTagConvolution(
        input: x, graph: graph, kernel: kernel, bias: bias, output: output, parts: parts,
        rectifies: rectifying))
    return output
  }
}
