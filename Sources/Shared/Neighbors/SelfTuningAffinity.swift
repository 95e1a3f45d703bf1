import Glibc
import Tensors

/// w_ij = exp(−d_ij² / (σ_i σ_j)) if j is a neighbor of i or i of j, with σ_i the distance of cell
/// i to its neighbor of `rank`. (N, N)
///
/// Dense and sparse regions get edges of equal weight, whatever the scale of the embedding
/// (Zelnik-Manor and Perona 2004, who use rank 7). Symmetric; cells that coincide have weight 1.
package func selfTuningAffinity(_ neighbors: NearestNeighbors, rank: Int = 7) -> SparseMatrix<Float>
{
  let distances = NeighborGraph(neighbors).distances
  let edges = distances.merging(distances.transposed()) { _, _, own, other in max(own, other) }
  let column = max(0, min(rank, neighbors.distances.columns) - 1)
  var scales = (0..<edges.rows).map { Double(neighbors.distances[$0, column]) }
  let mean = scales.reduce(0, +) / Double(max(1, scales.count))
  // For cells with that many copies, whose σ would be 0.
  scales = scales.map { max($0, 1e-6 * mean) }
  var result = edges
  let (starts, columnOf) = (edges.indptr.span, edges.indices.span)
  var values = result.values.mutableSpan
  for i in 0..<edges.rows {
    for k in starts[i]..<starts[i + 1] {
      let distance = Double(values[k])
      let scale = scales[i] * scales[Int(columnOf[k])]
      values[k] = distance == 0 ? 1 : Float(exp(-distance * distance / scale))
    }
  }
  return result
}
