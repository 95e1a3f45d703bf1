import Tensors

/// Refuses a graph that is not square, and one with a weight that is negative or not finite.
func requireAffinity(_ graph: SparseMatrix<Float>) throws(ClusteringFault) {
  guard graph.rows == graph.columns else {
    throw .notSquare(rows: graph.rows, columns: graph.columns)
  }
  let (starts, columns, values) = (graph.indptr.span, graph.indices.span, graph.values.span)
  for row in 0..<graph.rows {
    for k in starts[row]..<starts[row + 1] where !(values[k] >= 0 && values[k].isFinite) {
      throw .affinity(row: row, column: Int(columns[k]), value: values[k])
    }
  }
}

/// (W + Wᵀ) / 2 in Double without zeros, with the diagonal or without.
func symmetrized(_ w: SparseMatrix<Float>, keepingDiagonal: Bool) -> SparseMatrix<Double> {
  let t = w.transposed()
  var indptr = [0]
  var indices: [Int32] = []
  var values: [Double] = []
  indices.reserveCapacity(w.entryCount)
  values.reserveCapacity(w.entryCount)
  let (a, b) = (w.indices.span, t.indices.span)
  let (aValues, bValues) = (w.values.span, t.values.span)
  for row in 0..<w.rows {
    var (i, j) = (w.indptr[row], t.indptr[row])
    let (iEnd, jEnd) = (w.indptr[row + 1], t.indptr[row + 1])
    while i < iEnd || j < jEnd {
      let column = min(i < iEnd ? a[i] : .max, j < jEnd ? b[j] : .max)
      var sum = 0.0
      if i < iEnd && a[i] == column {
        sum += Double(aValues[i])
        i += 1
      }
      if j < jEnd && b[j] == column {
        sum += Double(bValues[j])
        j += 1
      }
      if sum > 0 && (keepingDiagonal || Int(column) != row) {
        indices.append(column)
        values.append(sum / 2)
      }
    }
    indptr.append(indices.count)
  }
  return SparseMatrix(
    rows: w.rows, columns: w.columns, indptr: Buffer(indptr), indices: Buffer(indices),
    values: Buffer(values))
}
