import Glibc
import Tensors

/// M = D^-1/2 W D^-1/2 of a graph, without self-loops, and its known eigenvectors. Every connected
/// component has the eigenvalue 1 once, with eigenvector D^1/2 restricted to the component.
///
/// N cells.
struct NormalizedAffinity: Sendable {
  /// M. (N, N)
  let matrix: SparseMatrix<Double>
  /// √ of every cell's degree; 1 for a cell without neighbors. (N)
  let rootDegrees: Buffer<Double>
  /// The component of every cell, by falling size (the one with the lowest cell first among
  /// equals); −1 for a cell without neighbors. (N)
  let components: [Int]
  let componentCount: Int

  /// Normalizes the mean of `affinity` and its transpose. Throws if it is not square, or a weight
  /// is negative or not finite.
  init(_ affinity: SparseMatrix<Float>) throws(ClusteringFault) {
    try requireAffinity(affinity)
    let symmetric = symmetrized(affinity, keepingDiagonal: false)
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

  /// The first eigenvectors of eigenvalue 1: D^1/2 over the `count` largest components, of unit
  /// length. (count, N)
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
