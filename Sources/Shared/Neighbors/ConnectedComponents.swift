import Tensors

/// The component of every cell, edges read as undirected and whatever their values; components are numbered in the order of their
/// lowest cells. Union-find with path halving: O(E) in effect. (N)
package func connectedComponents<Element: BitwiseCopyable>(
  of graph: SparseMatrix<Element>
) -> [Int] {
  precondition(graph.rows == graph.columns, "a graph of \(graph.rows) × \(graph.columns)")
  var parent = Array(0..<graph.rows)
  func root(_ cell: Int) -> Int {
    var i = cell
    while parent[i] != i {
      parent[i] = parent[parent[i]]
      i = parent[i]
    }
    return i
  }
  let (starts, columnOf) = (graph.indptr.span, graph.indices.span)
  for i in 0..<graph.rows {
    for k in starts[i]..<starts[i + 1] {
      let (a, b) = (root(i), root(Int(columnOf[k])))
      // The lowest cell is the root of its component.
      if a < b { parent[b] = a } else { parent[a] = b }
    }
  }
  var number = [Int](repeating: -1, count: graph.rows)
  var count = 0
  for i in 0..<graph.rows {
    let top = root(i)
    if top == i {
      number[i] = count
      count += 1
    } else {
      number[i] = number[top]
    }
  }
  return number
}
