// out = P V, P = softmax(Q Kᵀ / √D) by row, with optional dropout of P (Vaswani et al. 2017; scEMC,
// equations 10 and 11: cells attend to cells). Q, K (N, D); V (N, E); P (N, N). N is a batch here;
// for all cells there is `attend`, which keeps only tiles of P. The gradients, with m the dropout's
// mask: dV = (P m)ᵀ dout; dP = (dout Vᵀ) m; dL = P (dP − Σ_j dP P) / √D by row; dQ = dL K; dK = dLᵀ
// Q.

import Tensors

private let rowTile = 64

private struct Attention<S: EngineScalar>: Operation {
  let queries: Variable<S>
  let keys: Variable<S>
  let values: Variable<S>
  let output: Variable<S>
  /// P, and P m if there is dropout. (N, N)
  let shares: Window<S>
  let dropped: Window<S>
  let mask: Window<S>?
  let scale: S

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output) else { return }
    let n = queries.rows
    if let sink = tape.sink(for: values) {
      multiply(
        dropped, outer, transposeA: true, accumulating: sink.accumulates, into: sink.window)
    }
    let logits = tape.workspace.window(rows: n, columns: n)
    parallelTiles(tileCount(n, of: rowTile)) { number in
      let rows = tile(number, of: rowTile, in: n)
      let (part, p) = (logits.slice(rows: rows), shares.slice(rows: rows))
      // SAFETY: tiles are disjoint rows; all shapes follow from those of the operation.
      unsafe S.blasGemm(
        false, true, rows.count, n, outer.columns, 1, outer.slice(rows: rows).pointer,
        outer.columns, values.value.pointer, outer.columns, 0, part.pointer, n)
      if let mask {
        unsafe S.kernels.multiply(
          part.count, part.pointer, mask.slice(rows: rows).pointer, part.pointer, false)
      }
      unsafe S.kernels.softmaxBackward(
        rows.count, n, p.pointer, part.pointer, part.pointer, false)
      unsafe S.kernels.axpy(part.count, scale, part.pointer, part.pointer, false)
    }
    if let sink = tape.sink(for: queries) {
      multiply(logits, keys.value, accumulating: sink.accumulates, into: sink.window)
    }
    if let sink = tape.sink(for: keys) {
      multiply(
        logits, queries.value, transposeA: true, accumulating: sink.accumulates,
        into: sink.window)
    }
  }
}

extension Tape {
  /// softmax(Q Kᵀ / √D) V. If `dropout` is given, every share is dropped with probability `rate`.
  /// (N, D) (N, D) (N, E) → (N, E)
  package func attention(
    queries: Variable<S>, keys: Variable<S>, values: Variable<S>,
    dropout: (rate: Double, key: NoiseKey)? = nil
  ) -> Variable<S> {
    let (n, d, e) = (queries.rows, queries.columns, values.columns)
    precondition(
      keys.rows == n && keys.columns == d && values.rows == n,
      "attention of \(n) × \(d) to \(keys.rows) × \(keys.columns) with \(values.rows) values")
    let output = result(rows: n, columns: e)
    let shares = workspace.window(rows: n, columns: n)
    let mask = dropout.map { dropoutMask(rows: n, columns: n, rate: $0.rate, key: $0.key) }
    let dropped = mask == nil ? shares : workspace.window(rows: n, columns: n)
    let scale = S(1 / Double(d).squareRoot())
    parallelTiles(tileCount(n, of: rowTile)) { number in
      let rows = tile(number, of: rowTile, in: n)
      let (p, used) = (shares.slice(rows: rows), dropped.slice(rows: rows))
      shareRows(queries.value.slice(rows: rows), keys.value, scale: scale, into: p)
      // SAFETY: tiles are disjoint rows of (N, N) and (N, E).
      if let mask {
        unsafe S.kernels.multiply(
          p.count, p.pointer, mask.slice(rows: rows).pointer, used.pointer, false)
      }
      unsafe S.blasGemm(
        false, false, rows.count, e, n, 1, used.pointer, n, values.value.pointer, e, 0,
        output.value.slice(rows: rows).pointer, e)
    }
    record(
      Attention(
        queries: queries, keys: keys, values: values, output: output, shares: shares,
        dropped: dropped, mask: mask, scale: scale))
    return output
  }
}

/// softmax(scale · Q Kᵀ) by row, on the calling thread. (R, D) (M, D) → (R, M)
func shareRows<S: EngineScalar>(
  _ queries: Window<S>, _ keys: Window<S>, scale: S, into shares: Window<S>
) {
  // SAFETY: the callers' shapes agree: queries (R, D), keys (M, D), shares (R, M).
  unsafe S.blasGemm(
    false, true, queries.rows, keys.rows, keys.columns, scale, queries.pointer, keys.columns,
    keys.pointer, keys.columns, 0, shares.pointer, keys.rows)
  unsafe S.kernels.softmax(queries.rows, keys.rows, shares.pointer, shares.pointer)
}

/// softmax(Q Kᵀ / √D) V for any number of queries, without gradients. Each of a fixed number of
/// tasks holds a tile of rows of the shares, never all. (N, D) (M, D) (M, E) → (N, E)
package func attend<S: EngineScalar>(
  queries: Window<S>, keys: Window<S>, values: Window<S>, into output: Window<S>
) {
  let (n, m, d, e) = (queries.rows, keys.rows, queries.columns, values.columns)
  precondition(
    keys.columns == d && values.rows == m && output.rows == n && output.columns == e,
    "attention of \(n) × \(d) to \(m) × \(keys.columns) into \(output.rows) × \(output.columns)")
  let scale = S(1 / Double(d).squareRoot())
  let scratch = Window<S>(uninitializedRows: Threads.count * rowTile, columns: m)
  parallelTiles(tileCount(n, of: rowTile)) { number, worker in
    let rows = tile(number, of: rowTile, in: n)
    let shares = scratch.slice(rows: worker * rowTile..<worker * rowTile + rows.count)
    shareRows(queries.slice(rows: rows), keys, scale: scale, into: shares)
    // SAFETY: a worker owns its rows of the scratch; tiles are disjoint rows of the output.
    unsafe S.blasGemm(
      false, false, rows.count, e, m, 1, shares.pointer, m, values.pointer, e, 0,
      output.slice(rows: rows).pointer, e)
  }
}
