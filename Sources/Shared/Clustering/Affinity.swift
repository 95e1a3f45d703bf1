import Tensors

/// Throws if a graph is not square, or has a weight that is negative or not finite.
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
  w.merging(w.transposed()) { row, column, own, other in
    let sum = Double(own) + Double(other)
    return sum > 0 && (keepingDiagonal || column != row) ? sum / 2 : nil
  }
}
