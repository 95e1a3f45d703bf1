// Standardized sparse data X = (S − 1 mᵀ) D⁻¹. It is never formed as a whole, only some rows at a
// time.

import Tensors

/// Standardized sparse input of a layer in the engine's precision, with all that both passes need.
package struct StandardizedInput<S: EngineScalar>: Sendable {
  /// S and its transpose.
  let values: SparseMatrix<S>
  let transposed: SparseMatrix<S>
  /// m (1, G) and D⁻¹ (G, 1).
  let mean: Window<S>
  let inverseDeviation: Window<S>

  /// Takes S, the columns' means m and standard deviations D (G values each, D > 0).
  package init(values: SparseMatrix<S>, mean: [S], standardDeviation: [S]) {
    precondition(
      mean.count == values.columns && standardDeviation.count == values.columns,
      "\(mean.count) means for \(values.columns) columns")
    self.values = values
    transposed = values.transposed()
    self.mean = Window(
      reading: Matrix(rows: 1, columns: mean.count, elements: Buffer(mean)))
    inverseDeviation = Window(
      reading: Matrix(
        rows: mean.count, columns: 1, elements: Buffer(standardDeviation.map { 1 / $0 })))
  }

  package var rows: Int { values.rows }
  package var columns: Int { values.columns }
}

extension StandardizedInput {
  /// The values of the rows `cells`; of all rows if nil.
  package func rows(_ cells: Buffer<Int32>?) -> StandardizedValues<S> {
    StandardizedValues(
      entries: cells.map { values.gathering(rows: $0) } ?? values, mean: mean,
      inverseDeviation: inverseDeviation)
  }
}

/// Rows of standardized sparse data that are written out some at a time. (N, G)
package struct StandardizedValues<S: EngineScalar>: Sendable {
  /// S.
  let entries: SparseMatrix<S>
  let mean: Window<S>
  let inverseDeviation: Window<S>

  package var count: Int { entries.rows }
  package var columns: Int { entries.columns }

  private static var rowTile: Int { 64 }

  /// Writes a run of rows with all their elements. (rows.count, G)
  package func write(_ rows: Range<Int>, into dense: Window<S>) {
    precondition(
      dense.rows == rows.count && dense.columns == columns && rows.upperBound <= count,
      "rows \(rows) of \(count) × \(columns) into \(dense.rows) × \(dense.columns)")
    parallelTiles(tileCount(rows.count, of: Self.rowTile)) { number in
      let part = tile(number, of: Self.rowTile, in: rows.count)
      let own = rows.lowerBound + part.lowerBound..<rows.lowerBound + part.upperBound
      // SAFETY: the window has a row of all columns for each of the rows (checked); tiles do not
      // overlap.
      unsafe write(own, 0..<columns, into: dense.slice(rows: part).pointer, columns)
    }
  }

  /// Writes some columns of a run of rows, in rows of `stride` from `out` on.
  @unsafe func write(
    _ rows: Range<Int>, _ columns: Range<Int>, into out: UnsafeMutablePointer<S>, _ stride: Int
  ) {
    // SAFETY: the caller guarantees the place of the rows; mean and deviation have one value for
    // each gene.
    unsafe S.kernels.standardizeRows(
      0, rows.count, columns.lowerBound, columns.upperBound,
      entries.indptr.pointer + rows.lowerBound, entries.indices.pointer, entries.values.pointer,
      mean.pointer, inverseDeviation.pointer, out, stride)
  }
}
