import Tensors

/// Modularity of labels on a weighted graph: Q = Σ_c (W_cc / W − (d_c / W)²) (Newman and Girvan
/// 2004). W is the sum of all entries, W_cc that of the entries inside cluster c, d_c the sum of
/// its cells' degrees.
///
/// The matrix is that of an undirected graph: symmetric, each edge stored in both directions. nil
/// for a graph without edges. Throws if labels and cells differ in number.
package func modularity(of labels: [Int], on graph: SparseMatrix<Float>) throws(MetricsFault)
  -> Double?
{
  guard labels.count == graph.rows && graph.rows == graph.columns else {
    throw .unequalCounts(labels: labels.count, cells: graph.rows)
  }
  let (ranks, distinct) = numbered(labels)
  var inside = Array(repeating: 0.0, count: distinct.count)
  var degree = inside
  let (starts, columns, values) = (graph.indptr.span, graph.indices.span, graph.values.span)
  for i in 0..<graph.rows {
    for k in starts[i]..<starts[i + 1] {
      let weight = Double(values[k])
      degree[ranks[i]] += weight
      if ranks[Int(columns[k])] == ranks[i] { inside[ranks[i]] += weight }
    }
  }
  let total = degree.reduce(0, +)
  guard total > 0 else { return nil }
  return zip(inside, degree).reduce(0) { sum, cluster in
    sum + cluster.0 / total - (cluster.1 / total) * (cluster.1 / total)
  }
}
