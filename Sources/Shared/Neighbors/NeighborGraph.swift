import Tensors

/// The graphs that AnnData objects carry in `obsp`.
package struct NeighborGraph: Sendable {
  /// The nearest others of every cell, k entries in each row, with zero distances stored. (N, N)
  package let distances: SparseMatrix<Float>
  /// (A + Aᵀ) / 2 of the binary relation A without its diagonal: 1 if both are neighbors of each
  /// other, 0.5 if one is. (N, N)
  package let connectivities: SparseMatrix<Float>

  /// Builds both from the neighbours of N cells among themselves.
  package init(_ neighbors: NearestNeighbors) {
    distances = .sortedRows(
      at: neighbors.indices, neighbors.distances, columns: neighbors.indices.rows)
    connectivities = symmetrized(distances.mapValues { _ in Float(1) })
  }
}

/// (A + Aᵀ) / 2. (N, N)
package func symmetrized<Element: Real>(_ a: SparseMatrix<Element>) -> SparseMatrix<Element> {
  precondition(a.rows == a.columns, "a graph of \(a.rows) × \(a.columns)")
  return a.merging(a.transposed()) { _, _, own, other in (own + other) / 2 }
}

/// A = pattern(distances) + I: binary, every cell its own neighbor; entries count whatever their
/// value. (N, N)
package func adjacencyPattern<Element: Real>(
  fromDistances distances: SparseMatrix<Element>
) -> SparseMatrix<Element> {
  let n = distances.rows
  precondition(n == distances.columns, "a graph of \(n) × \(distances.columns)")
  let identity = SparseMatrix<Element>(
    rows: n, columns: n, indptr: Buffer(0...n), indices: Buffer((0..<n).lazy.map { Int32($0) }),
    values: Buffer(repeating: 1, count: n))
  return distances.merging(identity) { _, _, _, _ in 1 }
}

/// D⁻¹ B with B the edges of A in either direction, and D their number for each cell. So every row
/// is the mean over a cell's neighbors; the cell itself is among them if A has its diagonal. (N, N)
package func averagingAdjacency(_ a: SparseMatrix<Float>) -> SparseMatrix<Float> {
  precondition(a.rows == a.columns, "a graph of \(a.rows) × \(a.columns)")
  let both: SparseMatrix<Float> = a.merging(a.transposed()) { _, _, _, _ in 1 }
  return both.mapEntries { row, _ in 1 / Float(both.range(ofRow: row).count) }
}

/// D^-1/2 A D^-1/2 with D the row sums of A, for columns too. Rows and columns of sum 0 become 0,
/// but keep their entries. (N, N)
///
/// A may be directed; for an undirected one this is the usual symmetric normalisation. (Kipf and
/// Welling 2017)
package func normalizedAdjacency<Element: Real>(
  _ a: SparseMatrix<Element>
) -> SparseMatrix<Element> {
  precondition(a.rows == a.columns, "a graph of \(a.rows) × \(a.columns)")
  let roots = parallelMap(a.rows) { i -> Double in
    let value = a.values.span
    var sum = 0.0
    for k in a.range(ofRow: i) { sum += Double(value[k]) }
    return sum > 0 ? 1 / sum.squareRoot() : 0
  }
  var result = a
  let (starts, columnOf) = (a.indptr.span, a.indices.span)
  var out = result.values.mutableSpan
  for i in 0..<a.rows {
    for k in starts[i]..<starts[i + 1] {
      out[k] = Element(roots[i] * Double(out[k]) * roots[Int(columnOf[k])])
    }
  }
  return result
}
