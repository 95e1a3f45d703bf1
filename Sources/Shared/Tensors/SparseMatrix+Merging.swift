extension SparseMatrix {
  /// The union of two structures of one shape. `combine` computes each entry from both values, with
  /// 0 for one that is not stored; if it returns nil, there is no entry. (rows, columns)
  @inlinable package func merging<Value: BitwiseCopyable>(
    _ other: SparseMatrix,
    _ combine: (_ row: Int, _ column: Int, _ own: Element, _ other: Element) -> Value?
  ) -> SparseMatrix<Value> where Element: Real {
    precondition(
      rows == other.rows && columns == other.columns,
      "\(rows) × \(columns) and \(other.rows) × \(other.columns)")
    let (startsA, startsB) = (indptr.span, other.indptr.span)
    let (columnsA, columnsB) = (indices.span, other.indices.span)
    let (valuesA, valuesB) = (values.span, other.values.span)
    var newStarts = Buffer<Int>(repeating: 0, count: rows + 1)
    var newIndices = Buffer<Int32>(uninitializedCount: entryCount + other.entryCount)
    var newValues = Buffer<Value>(uninitializedCount: entryCount + other.entryCount)
    var start = newStarts.mutableSpan
    var column = newIndices.mutableSpan
    var value = newValues.mutableSpan
    var next = 0
    for i in 0..<rows {
      var (p, q) = (startsA[i], startsB[i])
      let (endA, endB) = (startsA[i + 1], startsB[i + 1])
      while p < endA || q < endB {
        let left = p < endA ? columnsA[p] : .max
        let right = q < endB ? columnsB[q] : .max
        let here = Swift.min(left, right)
        let own: Element = left <= right ? valuesA[p] : 0
        if let new = combine(i, Int(here), own, right <= left ? valuesB[q] : 0) {
          column[next] = here
          value[next] = new
          next += 1
        }
        if left <= right { p += 1 }
        if right <= left { q += 1 }
      }
      start[i + 1] = next
    }
    return SparseMatrix<Value>(
      rows: rows, columns: columns, indptr: newStarts, indices: newIndices.slice(0..<next),
      values: newValues.slice(0..<next))
  }

  /// The matrix whose row i has its entries at `places` (its row i, in any order, all distinct),
  /// each with its value. (rows, columns)
  @inlinable package static func sortedRows(
    at places: Matrix<Int32>, _ values: Matrix<Element>, columns: Int
  ) -> SparseMatrix {
    precondition(
      places.rows == values.rows && places.columns == values.columns,
      "\(places.rows) × \(places.columns) places, \(values.rows) × \(values.columns) values")
    let (rows, width) = (places.rows, places.columns)
    var (indices, moved) = (places.elements, values.elements)
    var index = indices.mutableSpan
    var value = moved.mutableSpan
    for i in 0..<rows {
      let (place, source) = (places.row(i), values.row(i))
      let order = (0..<width).sorted { place[$0] < place[$1] }
      for (to, from) in order.enumerated() {
        index[i * width + to] = place[from]
        value[i * width + to] = source[from]
      }
    }
    return SparseMatrix(
      rows: rows, columns: columns, indptr: Buffer((0...rows).lazy.map { $0 * width }),
      indices: indices, values: moved)
  }
}
