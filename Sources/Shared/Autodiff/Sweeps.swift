// The small sweeps over windows, in row tiles: thin wrappers of the kernels in
// CKernels/elementwise.h.

import Tensors

private let rowTile = 512

/// x[i, j] ← x[i, j] + bias[j], then max(0, ·) if `rectifying`. (N, D), (1, D)
package func addBias<S: EngineScalar>(_ bias: Window<S>, to x: Window<S>, rectifying: Bool) {
  precondition(bias.count == x.columns, "a bias of \(bias.count) for \(x.columns) columns")
  parallelTiles(tileCount(x.rows, of: rowTile)) { number in
    let rows = x.slice(rows: tile(number, of: rowTile, in: x.rows))
    // SAFETY: shapes are checked above; tiles are disjoint rows.
    unsafe S.kernels.addBias(rows.rows, rows.columns, rows.pointer, bias.pointer, rectifying)
  }
}

/// dx ← (accumulating ? dx : 0) + (y > 0 ? dy : 0), with y = relu(x); all of one shape.
package func rectifierGradient<S: EngineScalar>(
  y: Window<S>, dy: Window<S>, into dx: Window<S>, accumulating: Bool
) {
  precondition(y.count == dy.count && y.count == dx.count, "shapes differ")
  parallelTiles(tileCount(y.rows, of: rowTile)) { number in
    let rows = tile(number, of: rowTile, in: y.rows)
    let part = dx.slice(rows: rows)
    // SAFETY: shapes are checked above; tiles are disjoint rows.
    unsafe S.kernels.reluBackward(
      part.count, y.slice(rows: rows).pointer, dy.slice(rows: rows).pointer, part.pointer,
      accumulating)
  }
}

/// sum[j] ← (accumulating ? sum[j] : 0) + Σ_i x[i, j]. (N, D) → (1, D)
package func columnSums<S: EngineScalar>(
  of x: Window<S>, into sum: Window<S>, accumulating: Bool, scratch: Workspace<Double>
) {
  precondition(sum.count == x.columns, "sums of \(x.columns) columns into \(sum.count)")
  let partial = scratch.window(rows: 1, columns: x.columns)
  // SAFETY: shapes are checked above.
  unsafe S.kernels.columnSums(
    x.rows, x.columns, x.pointer, sum.pointer, partial.pointer, accumulating)
}

/// y ← (accumulating ? y : 0) + factor · x, element by element.
package func addScaled<S: EngineScalar>(
  _ x: Window<S>, factor: S, into y: Window<S>, accumulating: Bool
) {
  precondition(x.count == y.count, "\(x.count) elements into \(y.count)")
  // SAFETY: both hold `count` elements.
  unsafe S.kernels.axpy(x.count, factor, x.pointer, y.pointer, accumulating)
}

/// x ← max(−limit, min(limit, x)), element by element.
package func clamp<S: EngineScalar>(_ x: Window<S>, to limit: S) {
  // SAFETY: the window holds `count` elements.
  unsafe S.kernels.clamp(x.count, limit, x.pointer)
}
