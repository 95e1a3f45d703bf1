import Tensors

/// The component of every cell. Edges count as undirected, whatever their values. Components are
/// numbered in the order of their lowest cells. O(E) in effect. (N)
package func connectedComponents<Element: BitwiseCopyable>(
  of graph: SparseMatrix<Element>
) -> [Int] {
  precondition(graph.rows == graph.columns, "a graph of \(graph.rows) × \(graph.columns)")
  var sets = DisjointSets(count: graph.rows)
  let (starts, columnOf) = (graph.indptr.span, graph.indices.span)
  for i in 0..<graph.rows {
    for k in starts[i]..<starts[i + 1] { sets.union(i, Int(columnOf[k])) }
  }
  var number = [Int](repeating: -1, count: graph.rows)
  var count = 0
  for i in 0..<graph.rows {
    let top = sets.root(of: i)
    if top == i {
      number[i] = count
      count += 1
    } else {
      number[i] = number[top]
    }
  }
  return number
}
