// y = γ x̂ + β with x̂ = (x − mean(x)) / sqrt(variance(x) + ε) by row (Ba, Kiros, Hinton 2016), ε =
// 1e-5: x, y (N, D); γ, β (1, D). With g = dy γ: dx = (g − mean(g) − x̂ mean(g x̂)) / sqrt(variance
// + ε), dγ = Σ_i dy x̂, dβ = Σ_i dy.

import Tensors

private struct LayerNormalization<S: EngineScalar>: Operation {
  let input: Variable<S>
  let scale: Variable<S>
  let shift: Variable<S>
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output) else { return }
    let (n, d) = (input.rows, input.columns)
    let sums = tape.doubles.window(rows: 2, columns: d)
    let spare = tape.workspace.window(rows: input.needsGradient ? 0 : n, columns: d)
    let sink = tape.sink(for: input) ?? GradientSink(window: spare, accumulates: false)
    // SAFETY: input, outer and sink are (N, D), the scale (1, D), the sums (2, D).
    unsafe S.kernels.layerNormBackward(
      n, d, input.value.pointer, outer.pointer, scale.value.pointer, 1e-5, sums.pointer,
      sink.window.pointer, sink.accumulates)
    storeNormalizationSums(sums, scale: tape.sink(for: scale), shift: tape.sink(for: shift))
  }
}

extension Tape {
  /// Moves every row to mean 0 and scales it to variance 1, then scales and shifts it by column.
  /// (N, D) (1, D) (1, D) → (N, D)
  package func layerNormalization(_ x: Variable<S>, scale: Variable<S>, shift: Variable<S>)
    -> Variable<S>
  {
    precondition(
      scale.value.count == x.columns && shift.value.count == x.columns,
      "a normalization of \(scale.value.count) columns for \(x.columns)")
    let output = result(rows: x.rows, columns: x.columns)
    // SAFETY: x and the output are (N, D), scale and shift (1, D).
    unsafe S.kernels.layerNorm(
      x.rows, x.columns, x.value.pointer, scale.value.pointer, shift.value.pointer, 1e-5,
      output.value.pointer)
    record(LayerNormalization(input: x, scale: scale, shift: shift, output: output))
    return output
  }
}
