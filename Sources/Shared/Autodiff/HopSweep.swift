// Hop products of many cells at once, each power computed from the one before. The powers of all
// cells are computed in the memory of the result. For some cells, a block of genes is computed at a
// time, in scratch that holds two powers of the block for all cells. Only rows that a later power
// needs are computed. A random fifth of a million cells takes two thirds of the time of all cells.
// A step of 256 cells alone would take nearly as much.

import Tensors

/// Computes hop products again.
struct HopSweep<S: EngineScalar>: Sendable {
  private let input: StandardizedInput<S>
  private let graph: SparseMatrix<S>
  private let hops: Int

  /// Cells in a tile.
  private static var rowTile: Int { 64 }
  /// Genes in a block if all cells are computed: rows that neighbors share stay in cache.
  private static var genesOfAll: Int { 256 }
  /// The bytes of the scratch, as long as a block has `fewestGenes`.
  private static var scratchBytes: Int { 256 << 20 }
  private static var fewestGenes: Int { 64 }

  init(_ input: StandardizedInput<S>, over graph: SparseMatrix<S>, hops: Int) {
    (self.input, self.graph, self.hops) = (input, graph, hops)
  }

  /// The bytes that `fill` needs beside its result, for that many cells.
  static func byteCount(cells: Int) -> Int {
    max(scratchBytes, 2 * fewestGenes * MemoryLayout<S>.stride * cells) + 40 * cells
  }

  /// A multiple of the strip that the kernel sums at a time, so that blocks change no bit.
  private static func blockWidth(cells: Int) -> Int {
    let fitting = scratchBytes / (2 * MemoryLayout<S>.stride * max(1, cells))
    return max(fewestGenes, min(genesOfAll, fitting / fewestGenes * fewestGenes))
  }

  /// [X, ÂX, …, ÂᵀX] of all cells. (N, (T + 1) G)
  func fillAll(_ out: Window<S>) {
    let (genes, width) = (input.columns, (hops + 1) * input.columns)
    let (rowTiles, blocks) = (
      tileCount(out.rows, of: Self.rowTile), tileCount(genes, of: Self.genesOfAll)
    )
    for t in 0...hops {
      // Blocks are the outer loop.
      parallelTiles(rowTiles * blocks) { number in
        let rows = tile(number % rowTiles, of: Self.rowTile, in: out.rows)
        let columns = tile(number / rowTiles, of: Self.genesOfAll, in: genes)
        let place = t * genes + columns.lowerBound
        // SAFETY: it reads the columns of the power before and writes those of this one. Both are
        // in every row of `out`.
        if t == 0 {
          unsafe standardize(rows, columns, into: out.pointer + place, width)
        } else {
          unsafe multiply(
            rows, columns.count, out.pointer + (place - genes), out.pointer + place, width)
        }
      }
    }
  }

  /// [X, ÂX, …, ÂᵀX] of `cells`, in rising order. (cells.count, (T + 1) G)
  func fill(_ out: Window<S>, of cells: [Int32]) {
    let wanted = wantedRows(for: cells)
    let stride = Self.blockWidth(cells: input.rows)
    let scratch = (0..<2).map { _ in Window<S>(uninitializedRows: input.rows, columns: stride) }
    for block in 0..<tileCount(input.columns, of: stride) {
      let columns = tile(block, of: stride, in: input.columns)
      for t in 0...hops {
        let (target, source) = (scratch[t % 2], scratch[(t + 1) % 2])
        let runs = wanted[t]
        parallelTiles(tileCount(runs.count, of: Self.rowTile)) { number in
          for rows in runs[tile(number, of: Self.rowTile, in: runs.count)] {
            // SAFETY: both windows have a row of `stride` columns for every cell; the block uses
            // the first of them.
            if t == 0 {
              unsafe standardize(rows, columns, into: target.pointer, stride)
            } else {
              unsafe multiply(rows, columns.count, source.pointer, target.pointer, stride)
            }
          }
        }
        gather(cells, target, columns, power: t, into: out)
      }
    }
  }

  /// X, in rows of `stride` from `out` on.
  @unsafe private func standardize(
    _ rows: Range<Int>, _ columns: Range<Int>, into out: UnsafeMutablePointer<S>, _ stride: Int
  ) {
    // SAFETY: the caller guarantees the place of the rows.
    unsafe input.rows(nil).write(rows, columns, into: out + rows.lowerBound * stride, stride)
  }

  /// Rows of Â times the values at `source`, both in rows of `stride`.
  @unsafe private func multiply(
    _ rows: Range<Int>, _ columns: Int, _ source: UnsafeMutablePointer<S>,
    _ out: UnsafeMutablePointer<S>, _ stride: Int
  ) {
    // SAFETY: the caller guarantees the place of the rows.
    unsafe S.kernels.spmm(
      rows.lowerBound, rows.upperBound, columns, graph.indptr.pointer, graph.indices.pointer,
      graph.values.pointer, source, stride, out, stride, false)
  }

  /// Copies a block of a power from the rows of all cells to those of some.
  private func gather(
    _ cells: [Int32], _ source: Window<S>, _ columns: Range<Int>, power t: Int,
    into out: Window<S>
  ) {
    let (width, stride) = (out.columns, source.columns)
    parallelTiles(tileCount(cells.count, of: Self.rowTile)) { number in
      for r in tile(number, of: Self.rowTile, in: cells.count) {
        let place = r * width + t * input.columns + columns.lowerBound
        // SAFETY: `out` has a row for each cell, with all genes of all powers. `source` has a row
        // of `stride` columns for each of all cells. They do not overlap.
        unsafe (out.pointer + place).update(
          from: source.pointer + Int(cells[r]) * stride, count: columns.count)
      }
    }
  }

  /// For every power, from 0 on, the cells that it is computed at, in runs of at most `rowTile`.
  /// They are `cells`, and the neighbors of the cells of the next power.
  private func wantedRows(for cells: [Int32]) -> [[Range<Int>]] {
    let marks = Window<UInt8>(uninitializedRows: 1, columns: input.rows)
    marks.fill(with: 0)
    for cell in cells { marks[0, Int(cell)] = 1 }
    var wanted = [runs(of: marks)]
    let (starts, columnOf) = (graph.indptr.span, graph.indices.span)
    for _ in 0..<hops {
      for rows in wanted[wanted.count - 1] {
        for k in starts[rows.lowerBound]..<starts[rows.upperBound] {
          marks[0, Int(columnOf[k])] = 1
        }
      }
      wanted.append(runs(of: marks))
    }
    return wanted.reversed()
  }

  private func runs(of marks: Window<UInt8>) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var i = 0
    while i < marks.columns {
      let begin = i
      while i < marks.columns && marks[0, i] == 1 && i - begin < Self.rowTile { i += 1 }
      if i > begin { result.append(begin..<i) } else { i += 1 }
    }
    return result
  }
}
