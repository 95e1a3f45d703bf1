// The transform T of scTPF (AAAI 2023, section "graph transform"; Algorithm 1, lines 9 to 12). It
// corrects the input graph towards the clusters, and starts from A each time.
//
//   c_j = argmin_{i in Θ} ‖z_i − Ω_j‖                    the reliable cell nearest to center j
//   A_i,c_j = 1 for i in Θ with assignment j, if c_j has the assignment j too
//   A_ii = 0

import Tensors
import Training

/// A graph after T.
package struct TransformedGraph: Sendable {
  /// Binary, without self-loops. (N, N)
  package let adjacency: SparseMatrix<Float>
  /// How many edges were added.
  package let addedCount: Int
  /// The reliable cell nearest to every center; −1 where there is no reliable cell. (J)
  package let centralCells: [Int]
}

/// Adds the edges of T to the binary adjacency A (N, N), for codes (N, D), centers (J, D) and the
/// outcome of the filter.
package func transformed(
  _ adjacency: SparseMatrix<Float>, codes: Matrix<Float>, centers: Matrix<Float>,
  filter: FilterResult
) -> TransformedGraph {
  let reliable = filter.reliableCells
  let central = (0..<centers.rows).map { nearest(to: centers.row($0), among: reliable, codes) }
  var target = [Int](repeating: -1, count: adjacency.rows)
  for i in reliable {
    let cell = central[filter.assignment[i]]
    if cell >= 0 && filter.assignment[cell] == filter.assignment[i] { target[i] = cell }
  }
  var edges = RowBuilder<Float>(
    columns: adjacency.columns, expecting: adjacency.entryCount + reliable.count)
  var added = 0
  for i in 0..<adjacency.rows {
    var extra = target[i] == i ? -1 : target[i]
    for k in adjacency.range(ofRow: i) {
      let j = Int(adjacency.indices[k])
      if j == extra { extra = -1 }
      if extra >= 0 && extra < j {
        edges.append(Int32(extra), 1)
        added += 1
        extra = -1
      }
      if j != i { edges.append(Int32(j), 1) }
    }
    if extra >= 0 {
      edges.append(Int32(extra), 1)
      added += 1
    }
    edges.endRow()
  }
  return TransformedGraph(adjacency: edges.matrix, addedCount: added, centralCells: central)
}

/// The cell of `cells` whose code is nearest to `center`, the first of equals; −1 if there is none.
private func nearest(to center: Span<Float>, among cells: [Int], _ codes: Matrix<Float>) -> Int {
  var best = -1
  var least = Float.infinity
  for cell in cells {
    let distance = squaredDistance(codes.row(cell), center)
    if distance < least { (least, best) = (distance, cell) }
  }
  return best
}
