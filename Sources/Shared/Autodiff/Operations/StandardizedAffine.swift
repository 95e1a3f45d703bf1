// y = X W + b for a batch of standardized sparse rows X = S − 1 cᵀ. X is never formed: X W = S W −
// 1 (cᵀ W). S (B, G) sparse, scaled already; c (1, G); W (G, E); b (1, E); y (B, E). dW = Sᵀ dy − c
// (Σ_i dy_i), db = Σ_i dy_i.

import Tensors

private struct StandardizedAffine<S: EngineScalar>: Operation {
  /// Sᵀ. (G, B)
  let transposed: SparseMatrix<S>
  let shift: Window<S>
  let kernel: Variable<S>
  let bias: Variable<S>
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output) else { return }
    let sums = tape.workspace.window(rows: 1, columns: outer.columns)
    columnSums(of: outer, into: sums, accumulating: false, scratch: tape.doubles)
    if let sink = tape.sink(for: bias) {
      addScaled(sums, factor: 1, into: sink.window, accumulating: sink.accumulates)
    }
    guard let sink = tape.sink(for: kernel) else { return }
    multiply(transposed, outer, accumulating: sink.accumulates, into: sink.window)
    // SAFETY: (G, 1) (1, E) into (G, E).
    unsafe S.blasGemm(
      false, false, kernel.rows, sums.columns, 1, -1, shift.pointer, 1, sums.pointer,
      sums.columns, 1, sink.window.pointer, sums.columns)
  }
}

extension Tape {
  /// X W + b for standardized sparse rows. (B, G) (G, E) (1, E) → (B, E)
  package func affine(_ x: StandardizedRows<S>, kernel: Variable<S>, bias: Variable<S>)
    -> Variable<S>
  {
    precondition(kernel.rows == x.columns, "\(x.columns) columns for \(kernel.rows) weights")
    let output = result(rows: x.count, columns: kernel.columns)
    let constant = workspace.window(rows: 1, columns: kernel.columns)
    multiply(x.shift, kernel.value, into: constant)
    addScaled(constant, factor: -1, into: constant, accumulating: false)
    addScaled(bias.value, factor: 1, into: constant, accumulating: true)
    multiply(x.rows.matrix, kernel.value, into: output.value)
    addBias(constant, to: output.value, rectifying: false)
    record(
      StandardizedAffine(
        transposed: x.rows.transposed, shift: x.shift, kernel: kernel, bias: bias, output: output))
    return output
  }
}
