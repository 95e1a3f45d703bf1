// The rows of one batch, copied from a sparse matrix into memory that is kept from batch to batch.
// So a step allocates nothing.

import Tensors

/// Some rows of a sparse matrix, as a sparse matrix, and its transpose.
package final class SparseRows<S: EngineScalar> {
  package private(set) var count = 0
  package let columns: Int
  private let keepsTranspose: Bool
  private var direct = Storage()
  private var transpose = Storage()

  /// Arrays with room for the largest batch so far. The matrices returned share them. While one of
  /// these is in use, the next batch is written to a copy.
  private struct Storage {
    var starts = Buffer<Int>(uninitializedCount: 0)
    var indices = Buffer<Int32>(uninitializedCount: 0)
    var values = Buffer<S>(uninitializedCount: 0)

    mutating func reserve(starts count: Int, entries: Int) {
      if starts.count < count { starts = Buffer(uninitializedCount: count) }
      if values.count < entries {
        // Batches are drawn at random: some room is left over for the next.
        let room = entries + entries / 4
        indices = Buffer(uninitializedCount: room)
        values = Buffer(uninitializedCount: room)
      }
    }

    func matrix(rows: Int, columns: Int) -> SparseMatrix<S> {
      let entries = rows == 0 ? 0 : starts[rows]
      return SparseMatrix(
        rows: rows, columns: columns, indptr: starts.slice(0..<rows + 1),
        indices: indices.slice(0..<entries), values: values.slice(0..<entries))
    }
  }

  /// For rows of that many columns; with the transpose only if asked.
  package init(columns: Int, keepingTranspose: Bool) {
    self.columns = columns
    keepsTranspose = keepingTranspose
    direct.reserve(starts: 1, entries: 0)
    direct.starts[0] = 0
  }

  /// The rows of the last `take`. (count, columns)
  package var matrix: SparseMatrix<S> { direct.matrix(rows: count, columns: columns) }

  /// Their transpose. (columns, count)
  package var transposed: SparseMatrix<S> {
    precondition(keepsTranspose, "the transpose is not kept")
    return transpose.matrix(rows: columns, columns: count)
  }

  /// Copies `rows`, in that order.
  package func take(_ rows: ArraySlice<Int>, of source: SparseMatrix<S>) {
    precondition(
      source.columns == columns && rows.allSatisfy { $0 >= 0 && $0 < source.rows },
      "rows of \(source.rows) × \(source.columns) into batches of \(columns) columns")
    count = rows.count
    let entries = rows.reduce(0) { $0 + source.range(ofRow: $1).count }
    direct.reserve(starts: count + 1, entries: entries)
    let chosen = Buffer(rows)
    // SAFETY: the rows exist (checked), and there is room for all their entries.
    unsafe S.kernels.takeSparseRows(
      count, chosen.pointer, source.indptr.pointer, source.indices.pointer,
      source.values.pointer, direct.starts.mutablePointer(), direct.indices.mutablePointer(),
      direct.values.mutablePointer())
    if !keepsTranspose { return }
    transpose.reserve(starts: columns + 1, entries: entries)
    // SAFETY: `direct` holds `count` rows of `columns` columns, as every SparseMatrix does. There
    // is room for columns + 1 starts.
    unsafe S.kernels.transposeSparse(
      count, columns, direct.starts.pointer, direct.indices.pointer, direct.values.pointer,
      transpose.starts.mutablePointer(), transpose.indices.mutablePointer(),
      transpose.values.mutablePointer())
  }
}

/// Standardized sparse data X = S − 1 cᵀ, with S scaled already; batches are rows of it. (N, G)
package struct StandardizedSource<S: EngineScalar>: Sendable {
  let values: SparseMatrix<S>
  /// c: the means over the standard deviations. (1, G)
  let shift: Window<S>

  package init(_ matrix: StandardizedMatrix) {
    let scaled: Buffer<S> = quotients(matrix)
    values = SparseMatrix(
      rows: matrix.rows, columns: matrix.columns, indptr: matrix.values.indptr,
      indices: matrix.values.indices, values: scaled)
    shift = Window(
      reading: Matrix(
        rows: 1, columns: matrix.columns,
        elements: Buffer(zip(matrix.mean, matrix.standardDeviation).map { S($0) / S($1) })))
  }

  package var rows: Int { values.rows }
  package var columns: Int { values.columns }
  /// The scaled entries S. (N, G)
  package var entries: SparseMatrix<S> { values }
}

/// Every stored value divided by its column's standard deviation.
@specialized(where S == Float)
private func quotients<S: Real>(_ matrix: StandardizedMatrix) -> Buffer<S> {
  let (deviation, indices) = (matrix.standardDeviation.span, matrix.values.indices.span)
  let source = matrix.values.values.span
  var result = Buffer<S>(uninitializedCount: source.count)
  var target = result.mutableSpan
  for k in source.indices { target[k] = S(source[k]) / S(deviation[Int(indices[k])]) }
  return result
}

/// A batch of standardized sparse rows.
package struct StandardizedRows<S: EngineScalar> {
  let rows: SparseRows<S>
  let shift: Window<S>

  package init(of source: StandardizedSource<S>) {
    rows = SparseRows(columns: source.columns, keepingTranspose: true)
    shift = source.shift
  }

  package var count: Int { rows.count }
  package var columns: Int { rows.columns }

  /// Copies the rows `chosen` of the data that this was made for.
  package func take(_ chosen: ArraySlice<Int>, of source: StandardizedSource<S>) {
    rows.take(chosen, of: source.values)
  }

  /// Writes the rows with all their elements. (count, G)
  package func spread(into dense: Window<S>) {
    precondition(dense.rows == count && dense.columns == columns, "rows of another shape")
    let (matrix, means, size) = (rows.matrix, shift, 32)
    parallelTiles(tileCount(count, of: size)) { number in
      let part = tile(number, of: size, in: dense.rows)
      // SAFETY: tiles are disjoint rows of `dense`, which has the matrix's shape.
      unsafe S.kernels.spreadRows(
        part.lowerBound, part.count, dense.columns, matrix.indptr.pointer,
        matrix.indices.pointer, matrix.values.pointer, means.pointer,
        dense.slice(rows: part).pointer)
    }
  }
}

/// Copies rows of a dense matrix. (N, D) → (rows.count, D)
package func takeRows<S: EngineScalar>(
  _ rows: ArraySlice<Int>, of source: Matrix<S>, into target: Window<S>
) {
  precondition(
    target.rows == rows.count && target.columns == source.columns
      && rows.allSatisfy { $0 >= 0 && $0 < source.rows }, "rows into another shape")
  let chosen = Buffer(rows)
  // SAFETY: the rows exist, and the target has a row for each (checked).
  unsafe S.kernels.takeRows(
    rows.count, chosen.pointer, source.columns, source.elements.pointer, target.pointer)
}
