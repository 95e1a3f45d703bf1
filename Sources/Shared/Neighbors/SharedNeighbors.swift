import Tensors

/// How strongly the graph joins two cells if one is a neighbor of the other.
package enum GraphWeights: String, Sendable, CaseIterable {
  /// 1 if both are neighbors of each other, 0.5 if one is the other's.
  case binary
  /// The share of their neighbors that they have in common: the Jaccard index of the two sets, as
  /// in PhenoGraph (Levine et al. 2015).
  case snn
  /// The fuzzy union of UMAP, by the distance of a neighbor relative to the cell's other neighbors.
  case umap
}

/// w_ij = |N(i) ∩ N(j)| / |N(i) ∪ N(j)| if i is a neighbor of j or j of i. N(i) holds the neighbors
/// of i and i itself. (N, N)
///
/// Cells in the same dense region share most neighbors, two cells at the border of clusters share
/// few. Symmetric, without a diagonal; every weight is above 0 and at most 1. Entries of
/// `distances` (N, N) count whatever their value.
package func sharedNeighborWeights(
  fromDistances distances: SparseMatrix<Float>
) -> SparseMatrix<Float> {
  let own = adjacencyPattern(fromDistances: distances)
  let either = symmetrized(own)
  var starts = Buffer<Int>(repeating: 0, count: own.rows + 1)
  var columns = Buffer<Int32>(uninitializedCount: either.entryCount - own.rows)
  var owners = Buffer<Int32>(uninitializedCount: either.entryCount - own.rows)
  var next = 0
  for i in 0..<either.rows {
    for k in either.range(ofRow: i) where Int(either.indices[k]) != i {
      columns[next] = either.indices[k]
      owners[next] = Int32(i)
      next += 1
    }
    starts[i + 1] = next
  }
  let (rows, ends) = (owners, columns)
  let weights = parallelMap(next, tileSize: 4096) { k in
    jaccardIndex(own, Int(rows[k]), Int(ends[k]))
  }
  return SparseMatrix(
    rows: own.rows, columns: own.columns, indptr: starts, indices: columns, values: weights)
}

/// The Jaccard index of the columns of two rows, each rising.
private func jaccardIndex(_ graph: SparseMatrix<Float>, _ a: Int, _ b: Int) -> Float {
  let columns = graph.indices.span
  var (p, q) = (graph.range(ofRow: a), graph.range(ofRow: b))
  let total = p.count + q.count
  var common = 0
  while !p.isEmpty && !q.isEmpty {
    let (left, right) = (columns[p.lowerBound], columns[q.lowerBound])
    if left == right { common += 1 }
    if left <= right { p = p.lowerBound + 1..<p.upperBound }
    if right <= left { q = q.lowerBound + 1..<q.upperBound }
  }
  return total > common ? Float(common) / Float(total - common) : 1
}
