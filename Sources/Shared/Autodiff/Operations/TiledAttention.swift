// Attention as in Attention.swift, for any number of cells: the shares P (N, N) never exist as a
// whole. The forward pass keeps a tile of their rows for every worker. The backward pass computes
// them again, a block of rows at a time. It runs over the tiles of a block side by side, then over
// the columns of the block. Each column owns its rows of dK and dV. Time O(N² D), memory O(N (D +
// block)). The masks of dropout are a function of row and column, so that both passes draw the
// same.

import Tensors

private let rowTile = 64
private let rowBlock = 512
private let columnTile = 1024

private struct TiledAttention<S: EngineScalar>: Operation {
  let rows: AttentionRows<S>
  let queries: Variable<S>
  let keys: Variable<S>
  let values: Variable<S>
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output) else { return }
    let (n, d, e) = (queries.rows, queries.columns, values.columns)
    let height = min(rowBlock, n)
    let dropped = tape.workspace.window(rows: height, columns: n)
    let logits = tape.workspace.window(rows: height, columns: n)
    let scratch = tape.workspace.window(rows: rows.scratchRows(tiles: height), columns: n)
    let (dQueries, dKeys) = (
      tape.workspace.window(rows: n, columns: d), tape.workspace.window(rows: n, columns: d)
    )
    let dValues = tape.workspace.window(rows: n, columns: e)
    for block in 0..<tileCount(n, of: rowBlock) {
      let cells = tile(block, of: rowBlock, in: n)
      let sweep = BlockSweep(
        rows: rows, cells: cells, outer: outer, dropped: dropped, logits: logits,
        scratch: scratch)
      sweep.formRows(into: dQueries)
      sweep.addColumns(keys: dKeys, values: dValues, isFirst: block == 0)
    }
    for (gradient, variable) in [(dValues, values), (dQueries, queries), (dKeys, keys)] {
      guard let sink = tape.sink(for: variable) else { continue }
      addScaled(gradient, factor: 1, into: sink.window, accumulating: sink.accumulates)
    }
  }
}

/// The inputs of the shares of some rows.
private struct AttentionRows<S: EngineScalar>: Sendable {
  let queries: Window<S>
  let keys: Window<S>
  let values: Window<S>
  let dropout: (rate: Double, key: NoiseKey)?

  var scale: S { S(1 / Double(queries.columns).squareRoot()) }

  /// The rows of scratch that workers need for their masks.
  func scratchRows(tiles height: Int) -> Int {
    dropout == nil ? 0 : Threads.count * min(rowTile, height)
  }

  /// P of some rows, on the calling thread. (R, N)
  func form(_ cells: Range<Int>, into shares: Window<S>) {
    shareRows(queries.slice(rows: cells), keys, scale: scale, into: shares)
  }

  /// x m with the mask m of some rows, written to `result`; x itself without dropout. (R, N)
  func drop(
    _ cells: Range<Int>, of x: Window<S>, mask scratch: Window<S>, worker: Int,
    into result: Window<S>
  ) {
    guard let dropout else { return }
    let n = keys.rows
    let first = worker * min(rowTile, n)
    let mask = scratch.slice(rows: first..<first + cells.count)
    // SAFETY: a worker owns its rows of the scratch; x and the result are (R, N), as the mask is.
    unsafe S.kernels.dropoutMask(
      cells.count, n, cells.lowerBound, dropout.key.seed, dropout.key.stream, S(dropout.rate),
      mask.pointer)
    unsafe S.kernels.multiply(mask.count, x.pointer, mask.pointer, result.pointer, false)
  }
}

/// A block of rows in the backward pass.
private struct BlockSweep<S: EngineScalar>: Sendable {
  let rows: AttentionRows<S>
  let cells: Range<Int>
  /// The gradient of the output. (N, E)
  let outer: Window<S>
  /// P m and the gradient of the logits, for the rows of the block. (block, N)
  let dropped: Window<S>
  let logits: Window<S>
  let scratch: Window<S>

  /// Computes P m, the gradient of the logits, and that of the queries. (N, D)
  func formRows(into dQueries: Window<S>) {
    let (n, d, e) = (rows.keys.rows, rows.keys.columns, rows.values.columns)
    parallelTiles(tileCount(cells.count, of: rowTile)) { number, worker in
      let part = tile(number, of: rowTile, in: cells.count)
      let own = cells.lowerBound + part.lowerBound..<cells.lowerBound + part.upperBound
      let (shares, gradient) = (dropped.slice(rows: part), logits.slice(rows: part))
      let dOutput = outer.slice(rows: own)
      rows.form(own, into: shares)
      // SAFETY: tiles are disjoint rows of the block; all shapes follow from those of `rows`.
      unsafe S.blasGemm(
        false, true, part.count, n, e, 1, dOutput.pointer, e, rows.values.pointer, e, 0,
        gradient.pointer, n)
      rows.drop(own, of: gradient, mask: scratch, worker: worker, into: gradient)
      unsafe S.kernels.softmaxBackward(
        part.count, n, shares.pointer, gradient.pointer, gradient.pointer, false)
      unsafe S.kernels.axpy(gradient.count, rows.scale, gradient.pointer, gradient.pointer, false)
      rows.drop(own, of: shares, mask: scratch, worker: worker, into: shares)
      unsafe S.blasGemm(
        false, false, part.count, d, n, 1, gradient.pointer, n, rows.keys.pointer, d, 0,
        dQueries.slice(rows: own).pointer, d)
    }
  }

  /// Adds the block's part to the gradients of keys (N, D) and values (N, E).
  func addColumns(keys dKeys: Window<S>, values dValues: Window<S>, isFirst: Bool) {
    let (n, d, e) = (rows.keys.rows, rows.keys.columns, rows.values.columns)
    let (queries, dOutput) = (rows.queries.slice(rows: cells), outer.slice(rows: cells))
    parallelTiles(tileCount(n, of: columnTile)) { number in
      let columns = tile(number, of: columnTile, in: n)
      // SAFETY: tiles are disjoint rows of both gradients, and columns of the block.
      unsafe S.blasGemm(
        true, false, columns.count, d, cells.count, 1, logits.pointer + columns.lowerBound, n,
        queries.pointer, d, isFirst ? 0 : 1, dKeys.slice(rows: columns).pointer, d)
      unsafe S.blasGemm(
        true, false, columns.count, e, cells.count, 1, dropped.pointer + columns.lowerBound, n,
        dOutput.pointer, e, isFirst ? 0 : 1, dValues.slice(rows: columns).pointer, e)
    }
  }
}

extension Tape {
  /// softmax(Q Kᵀ / √D) V as in `attention`, for any number of cells. At most a few hundred rows of
  /// the shares exist at a time. (N, D) (N, D) (N, E) → (N, E)
  package func tiledAttention(
    queries: Variable<S>, keys: Variable<S>, values: Variable<S>,
    dropout: (rate: Double, key: NoiseKey)? = nil
  ) -> Variable<S> {
    let (n, d, e) = (queries.rows, queries.columns, values.columns)
    precondition(
      keys.rows == n && keys.columns == d && values.rows == n,
      "attention of \(n) × \(d) to \(keys.rows) × \(keys.columns) with \(values.rows) values")
    let output = result(rows: n, columns: e)
    let rows = AttentionRows(
      queries: queries.value, keys: keys.value, values: values.value, dropout: dropout)
    let tiles = workspace.window(rows: Threads.count * min(rowTile, n), columns: n)
    let scratch = workspace.window(rows: rows.scratchRows(tiles: n), columns: n)
    parallelTiles(tileCount(n, of: rowTile)) { number, worker in
      let cells = tile(number, of: rowTile, in: n)
      let first = worker * min(rowTile, n)
      let shares = tiles.slice(rows: first..<first + cells.count)
      rows.form(cells, into: shares)
      rows.drop(cells, of: shares, mask: scratch, worker: worker, into: shares)
      // SAFETY: a worker owns its rows of the tiles; tiles are disjoint rows of the output.
      unsafe S.blasGemm(
        false, false, cells.count, e, n, 1, shares.pointer, n, values.value.pointer, e, 0,
        output.value.slice(rows: cells).pointer, e)
    }
    record(
      TiledAttention(rows: rows, queries: queries, keys: keys, values: values, output: output))
    return output
  }
}
