import Glibc
import Tensors

/// M = D^-1/2 W D^-1/2 of a graph, without self-loops, and what is known of it beforehand: every connected component has the
/// eigenvalue 1 once, with eigenvector D^1/2 restricted to the component.
///
/// N cells.
struct NormalizedAffinity: Sendable {
  /// M. (N, N)
  let matrix: SparseMatrix<Double>
  /// √ of every cell's degree; 1 for a cell without neighbors. (N)
  let rootDegrees: Buffer<Double>
  /// The component of every cell, by falling size (the one with the lowest cell first among equals); −1 for a cell without neighbors. (N)
  let components: [Int]
  let componentCount: Int

  /// Normalizes the mean of `affinity` and its transpose. Throws where it is not square or a weight is negative or not finite.
  init(_ affinity: SparseMatrix<Float>) throws(ClusteringFault) {
    guard affinity.rows == affinity.columns else {
      throw .notSquare(rows: affinity.rows, columns: affinity.columns)
    }
    for row in 0..<affinity.rows {
      for k in affinity.range(ofRow: row) {
        let value = affinity.values[k]
        if !(value >= 0 && value.isFinite) {
          throw .affinity(row: row, column: Int(affinity.indices[k]), value: value)
        }
      }
    }
    let symmetric = symmetrized(affinity)
    let starts = symmetric.indptr
    let values = symmetric.values
    let roots = parallelMap(symmetric.rows) { i in
      var degree = 0.0
      for k in starts[i]..<starts[i + 1] { degree += values[k] }
      return degree > 0 ? sqrt(degree) : 1
    }
    matrix = scaled(symmetric, by: roots)
    rootDegrees = roots
    (components, componentCount) = connectedComponents(symmetric)
  }

  /// The first eigenvectors of eigenvalue 1: D^1/2 over the `count` largest components, of unit length. (count, N)
  func componentVectors(_ count: Int) -> Matrix<Double> {
    var squares = Array(repeating: 0.0, count: count)
    for (i, component) in components.enumerated() where component >= 0 && component < count {
      squares[component] += rootDegrees[i] * rootDegrees[i]
    }
    var result = Matrix<Double>.zeros(count, matrix.rows)
    for (i, component) in components.enumerated() where component >= 0 && component < count {
      result[component, i] = rootDegrees[i] / sqrt(squares[component])
    }
    return result
  }
}

/// (W + Wᵀ) / 2 in Double without the diagonal and without zeros.
private func symmetrized(_ w: SparseMatrix<Float>) -> SparseMatrix<Double> {
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
      if Int(column) != row && sum > 0 {
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

/// w_ij / (roots_i · roots_j).
private func scaled(_ w: SparseMatrix<Double>, by roots: Buffer<Double>) -> SparseMatrix<Double> {
  var result = w
  var values = result.values.mutableSpan
  for i in 0..<w.rows {
    for k in w.range(ofRow: i) { values[k] /= roots[i] * roots[Int(w.indices[k])] }
  }
  return result
}

/// The component of every cell with neighbors, numbered by falling size, and their number.
private func connectedComponents(_ graph: SparseMatrix<Double>) -> ([Int], Int) {
  var component = Array(repeating: -1, count: graph.rows)
  var sizes: [Int] = []
  for start in 0..<graph.rows
  where component[start] < 0 && !graph.range(ofRow: start).isEmpty {
    var (pending, size) = ([start], 0)
    component[start] = sizes.count
    while let cell = pending.popLast() {
      size += 1
      for k in graph.range(ofRow: cell) {
        let neighbor = Int(graph.indices[k])
        if component[neighbor] >= 0 { continue }
        component[neighbor] = sizes.count
        pending.append(neighbor)
      }
    }
    sizes.append(size)
  }
  let order = sizes.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
  var rank = Array(repeating: 0, count: sizes.count)
  for (position, number) in order.enumerated() { rank[number] = position }
  return (component.map { $0 < 0 ? -1 : rank[$0] }, sizes.count)
}
