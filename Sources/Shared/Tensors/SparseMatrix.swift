/// A sparse matrix in compressed rows (CSR): the entries of row i are `indptr[i]..<indptr[i + 1]`,
/// their columns strictly rising.
package struct SparseMatrix<Element: BitwiseCopyable> {
  package let rows: Int
  package let columns: Int
  /// The start of each row: rows + 1 values from 0 to the number of entries.
  package var indptr: Buffer<Int>
  /// The column of every entry.
  package var indices: Buffer<Int32>
  /// The value of every entry; explicit zeros are allowed.
  package var values: Buffer<Element>

  /// Takes ownership of the three arrays. The caller guarantees their structure: readers of files
  /// call `structuralFault()` first.
  @inlinable package init(
    rows: Int, columns: Int, indptr: Buffer<Int>, indices: Buffer<Int32>, values: Buffer<Element>
  ) {
    precondition(
      indptr.count == rows + 1 && indices.count == values.count,
      "CSR of \(rows) rows with \(indptr.count) row starts, \(indices.count) indices, \(values.count) values"
    )
    self.rows = rows
    self.columns = columns
    self.indptr = indptr
    self.indices = indices
    self.values = values
  }

  /// The number of stored entries.
  @inlinable package var entryCount: Int { values.count }

  /// The positions of row `i` in `indices` and `values`.
  @inlinable package func range(ofRow i: Int) -> Range<Int> { indptr[i]..<indptr[i + 1] }

  /// The error in the structure, or nil. Row starts must begin at 0, never fall, and end at the
  /// number of entries. Columns must be in range and strictly rising.
  package func structuralFault() -> String? {
    if indptr[0] != 0 { return "indptr begins at \(indptr[0]), not at 0" }
    if indptr[rows] != entryCount {
      return "indptr ends at \(indptr[rows]), but there are \(entryCount) entries"
    }
    let (starts, indices, count, width, size) = (indptr, indices, rows, columns, 1024)
    let fault = { @Sendable (i: Int) in
      rowFault(i, from: starts[i], to: starts[i + 1], indices.span, width)
    }
    let found = parallelMap(tileCount(count, of: size), tileSize: 1) { number in
      tile(number, of: size, in: count).first { fault($0) != nil } ?? -1
    }
    return found.first { $0 >= 0 }.flatMap { fault($0) }
  }

  /// The transpose, by counting sort; the entries of a row have rising columns. (columns, rows)
  package func transposed() -> SparseMatrix {
    var starts = Buffer<Int>(repeating: 0, count: columns + 1)
    var rowOf = Buffer<Int32>(uninitializedCount: entryCount)
    var moved = Buffer<Element>(uninitializedCount: entryCount)
    var startSpan = starts.mutableSpan
    let columnOf = indices.span
    for k in columnOf.indices { startSpan[Int(columnOf[k]) + 1] += 1 }
    for j in 0..<columns { startSpan[j + 1] += startSpan[j] }
    var positions = Buffer(starts.slice(0..<columns))
    var next = positions.mutableSpan
    var rowSpan = rowOf.mutableSpan
    var movedSpan = moved.mutableSpan
    let source = values.span
    let rowStarts = indptr.span
    for i in 0..<rows {
      for k in rowStarts[i]..<rowStarts[i + 1] {
        let j = Int(columnOf[k])
        rowSpan[next[j]] = Int32(truncatingIfNeeded: i)
        movedSpan[next[j]] = source[k]
        next[j] += 1
      }
    }
    return SparseMatrix(rows: columns, columns: rows, indptr: starts, indices: rowOf, values: moved)
  }

  /// The same structure with other values, one for each stored entry.
  @inlinable package func mapValues<Other>(_ transform: (Element) -> Other) -> SparseMatrix<Other> {
    SparseMatrix<Other>(
      rows: rows, columns: columns, indptr: indptr, indices: indices,
      values: values.mapped(transform))
  }
}

extension SparseMatrix where Element: Real {
  /// The entries of a dense matrix that are not zero.
  package init(_ dense: Matrix<Element>) {
    var builder = RowBuilder<Element>(columns: dense.columns)
    let elements = dense.elements.span
    for i in 0..<dense.rows { builder.append(row: elements, from: i * dense.columns) }
    self = builder.matrix
  }

  /// All elements, including zeros. (rows, columns)
  package func densified() -> Matrix<Element> {
    var result = Matrix<Element>.zeros(rows, columns)
    var target = result.elements.mutableSpan
    for i in 0..<rows {
      for k in range(ofRow: i) { target[i * columns + Int(indices[k])] = values[k] }
    }
    return result
  }
}

extension SparseMatrix: Equatable where Element: Equatable {}
extension SparseMatrix: Sendable where Element: Sendable {}
