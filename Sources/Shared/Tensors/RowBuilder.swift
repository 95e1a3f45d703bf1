/// Collects the entries of a sparse matrix row by row, each row with rising columns.
package struct RowBuilder<Element: BitwiseCopyable> {
  @usableFromInline let columns: Int
  @usableFromInline var starts = GrowingBuffer<Int>()
  @usableFromInline var indices = GrowingBuffer<Int32>()
  @usableFromInline var values = GrowingBuffer<Element>()

  /// Makes room for `expected` entries at once.
  @inlinable package init(columns: Int, expecting expected: Int = 0) {
    self.columns = columns
    starts.append(0)
    indices.reserve(expected)
    values.reserve(expected)
  }

  /// The number of entries so far.
  @inlinable package var entryCount: Int { values.count }

  /// Adds an entry to the present row.
  @inlinable package mutating func append(_ column: Int32, _ value: Element) {
    indices.append(column)
    values.append(value)
  }

  /// Ends the present row; later entries belong to the next.
  @inlinable package mutating func endRow() { starts.append(values.count) }

  /// All rows so far.
  @inlinable package var matrix: SparseMatrix<Element> {
    SparseMatrix(
      rows: starts.count - 1, columns: columns, indptr: starts.elements, indices: indices.elements,
      values: values.elements)
  }
}

extension RowBuilder where Element: Real {
  /// Adds the next row as a whole: the values of `dense` from `start` on, one for each column, that
  /// are not zero.
  @inlinable package mutating func append(row dense: Span<Element>, from start: Int) {
    let width = columns
    values.append(upTo: width) { target, position in
      var k = position
      for j in 0..<width where dense[start + j] != 0 {
        target[k] = dense[start + j]
        k += 1
      }
      return k - position
    }
    indices.append(upTo: width) { target, position in
      var k = position
      for j in 0..<width where dense[start + j] != 0 {
        target[k] = Int32(truncatingIfNeeded: j)
        k += 1
      }
      return k - position
    }
    endRow()
  }
}
