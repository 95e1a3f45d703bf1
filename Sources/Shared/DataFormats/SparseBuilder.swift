import Tensors

/// Collects the non-zero values of dense rows as they come.
struct SparseBuilder {
  private let columns: Int
  private var indptr = GrowingBuffer<Int>()
  private var indices = GrowingBuffer<Int32>()
  private var values = GrowingBuffer<Float>()
  private var rows = 0

  init(columns: Int) {
    self.columns = columns
    indptr.append(0)
  }

  /// Takes the next row, `columns` values of `dense` from `start` on.
  mutating func append(row dense: Span<Float>, from start: Int) {
    let width = columns
    indices.reserve(width)
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
    indptr.append(values.count)
    rows += 1
  }

  /// The number of values that are not zero so far.
  var entryCount: Int { values.count }

  /// All rows so far.
  var matrix: SparseMatrix<Float> {
    SparseMatrix(
      rows: rows, columns: columns, indptr: indptr.elements, indices: indices.elements,
      values: values.elements)
  }
}
