// Joins matrices of several samples: their rows below each other, their columns at places of a
// common list. The columns need not be the same.

extension SparseMatrix where Element == Float {
  /// The rows of all parts below each other. Column j of part p becomes column `places[p][j]`, and
  /// is left out if that is −1. (Σ rows, columns)
  ///
  /// The places of one part must be distinct; they need not rise.
  package static func stacking(
    _ parts: [SparseMatrix<Float>], places: [[Int32]], columns: Int
  ) -> SparseMatrix<Float> {
    precondition(
      zip(parts, places).allSatisfy { $0.columns == $1.count }, "a place for every column")
    let starts = rowStarts(parts, places)
    let count = starts[starts.count - 1]
    var indices = Buffer<Int32>(uninitializedCount: count)
    var values = Buffer<Float>(uninitializedCount: count)
    var column = indices.mutableSpan
    var value = values.mutableSpan
    var next = 0
    for (part, map) in zip(parts, places) {
      let kept = map.filter { $0 >= 0 }
      if zip(kept, kept.dropFirst()).allSatisfy(<) {
        part.append(map, to: &column, &value, from: &next)
      } else {
        var row = PlacedRow(columns: columns)
        part.append(map, through: &row, to: &column, &value, from: &next)
      }
    }
    return SparseMatrix(
      rows: starts.count - 1, columns: columns, indptr: starts, indices: indices, values: values)
  }

  private static func rowStarts(
    _ parts: [SparseMatrix<Float>], _ places: [[Int32]]
  ) -> Buffer<Int> {
    var result = Buffer<Int>(repeating: 0, count: parts.reduce(1) { $0 + $1.rows })
    var starts = result.mutableSpan
    var row = 0
    for (part, map) in zip(parts, places) {
      let (begins, columnOf, place) = (part.indptr.span, part.indices.span, map.span)
      for i in 0..<part.rows {
        var length = 0
        for k in begins[i]..<begins[i + 1] where place[Int(columnOf[k])] >= 0 { length += 1 }
        starts[row + 1] = starts[row] + length
        row += 1
      }
    }
    return result
  }

  /// Columns that keep their order.
  private func append(
    _ map: [Int32], to column: inout MutableSpan<Int32>, _ value: inout MutableSpan<Float>,
    from next: inout Int
  ) {
    let (columnOf, source, place) = (indices.span, values.span, map.span)
    for k in columnOf.indices {
      let new = place[Int(columnOf[k])]
      if new < 0 { continue }
      column[next] = new
      value[next] = source[k]
      next += 1
    }
  }

  private func append(
    _ map: [Int32], through row: inout PlacedRow, to column: inout MutableSpan<Int32>,
    _ value: inout MutableSpan<Float>, from next: inout Int
  ) {
    let (begins, columnOf) = (indptr.span, indices.span)
    let (source, place) = (values.span, map.span)
    for i in 0..<rows {
      for k in begins[i]..<begins[i + 1] {
        let new = place[Int(columnOf[k])]
        if new >= 0 { row.put(source[k], at: Int(new)) }
      }
      row.take(to: &column, &value, from: &next)
    }
  }
}

/// One row whose entries come in any order. One bit for each column shows whether there is an
/// entry, so that they are read in rising order without a sort.
private struct PlacedRow {
  private var bits: Buffer<UInt64>
  private var values: Buffer<Float>

  init(columns: Int) {
    bits = Buffer(repeating: 0, count: (columns + 63) / 64)
    values = Buffer(repeating: 0, count: columns)
  }

  mutating func put(_ value: Float, at column: Int) {
    values[column] = value
    bits[column >> 6] |= 1 << UInt64(column & 63)
  }

  /// Returns the entries, and is empty again.
  mutating func take(
    to column: inout MutableSpan<Int32>, _ value: inout MutableSpan<Float>, from next: inout Int
  ) {
    for word in bits.indices {
      var left = bits[word]
      while left != 0 {
        let place = word << 6 + left.trailingZeroBitCount
        column[next] = Int32(truncatingIfNeeded: place)
        value[next] = values[place]
        next += 1
        left &= left - 1
      }
      bits[word] = 0
    }
  }
}
