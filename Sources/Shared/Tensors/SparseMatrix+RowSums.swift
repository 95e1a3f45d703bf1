extension SparseMatrix where Element == Float {
  /// The sum of every row. (rows)
  package var rowSums: [Double] { rowSums(of: 0..<rows) }

  /// The sums of the rows `rows`. (n)
  package func rowSums(of rows: some RandomAccessCollection<Int> & Sendable) -> [Double] {
    let rows = Array(rows)
    return Array(
      parallelMap(rows.count) { i in
        let (starts, value) = (indptr.span, values.span)
        var sum = 0.0
        for k in starts[rows[i]]..<starts[rows[i] + 1] { sum += Double(value[k]) }
        return sum
      })
  }
}
