import Glibc
import Tensors

/// The graded neighborhoods of all cells: the fuzzy simplicial set of UMAP (McInnes, Healy and
/// Melville 2018), as a symmetric graph.
///
/// wᵢⱼ = exp(−max(0, dᵢⱼ − ρᵢ) / σᵢ) over the neighbors of i. ρᵢ is the distance of the nearest
/// other cell that is not at the same place; σᵢ is such that Σⱼ wᵢⱼ = log₂(k + 1). Then W + Wᵀ − W
/// ∘ Wᵀ: the chance that at least one of the two directions exists.
package struct FuzzyGraph: Sendable {
  /// Weights from 0 to 1, symmetric, no diagonal. (N, N)
  package let matrix: SparseMatrix<Float>

  /// From the neighbors of every cell (N, k), without itself, and their distances (N, k).
  package init(neighbors: Matrix<Int32>, distances: Matrix<Float>) {
    precondition(
      neighbors.rows == distances.rows && neighbors.columns == distances.columns,
      "\(neighbors.rows) × \(neighbors.columns) neighbors, \(distances.rows) × \(distances.columns) distances"
    )
    let (cells, k) = (neighbors.rows, neighbors.columns)
    var total = 0.0
    for distance in distances.elements { total += FuzzyGraph.finite(distance) }
    // The cell itself, at distance 0, counts in both means, as in the published program.
    let mean = total / Double(max(1, cells * (k + 1)))
    var weights = Matrix<Float>(uninitializedRows: cells, columns: k)
    parallelRows(of: &weights) { rows, elements in
      for i in rows {
        let row = FuzzyGraph.memberships(distances.row(i), overallMean: mean)
        let start = (i - rows.lowerBound) * k
        for j in 0..<k { elements[start + j] = Float(row[j]) }
      }
    }
    let directed = SparseMatrix.sortedRows(at: neighbors, weights, columns: cells)
    matrix = FuzzyGraph.union(directed, directed.transposed())
  }

  /// From an existing graph, such as `obsp/connectivities`. Its two directions are united, and the
  /// largest weight becomes 1. The diagonal and weights that are not above 0 are left out.
  package init(weights: SparseMatrix<Float>) {
    precondition(
      weights.rows == weights.columns, "a graph of \(weights.rows) × \(weights.columns)")
    let largest = weights.values.lazy.filter(\.isFinite).max() ?? 0
    let scale = largest > 0 ? 1 / largest : 0
    var builder = RowBuilder<Float>(columns: weights.columns)
    for i in 0..<weights.rows {
      for k in weights.range(ofRow: i) where Int(weights.indices[k]) != i {
        let value = weights.values[k]
        guard value > 0, value.isFinite else { continue }
        builder.append(weights.indices[k], value * scale)
      }
      builder.endRow()
    }
    let clean = builder.matrix
    let other = clean.transposed()
    matrix = clean == other ? clean : FuzzyGraph.union(clean, other)
  }

  /// The weights of one row. (k)
  package static func memberships(_ distances: Span<Float>, overallMean: Double) -> [Double] {
    var lengths: [Double] = []
    for j in distances.indices { lengths.append(finite(distances[j])) }
    let nearest = lengths.lazy.filter { $0 > 0 }.min() ?? 0
    let excess = lengths.map { max(0, $0 - nearest) }
    let target = log2(Double(lengths.count + 1))
    var (low, high, scale) = (0.0, Double.infinity, 1.0)
    for _ in 0..<64 {
      let sum = excess.reduce(0) { $0 + ($1 > 0 ? exp(-$1 / scale) : 1) }
      if abs(sum - target) < 1e-5 { break }
      if sum > target { high = scale } else { low = scale }
      scale = high.isFinite ? (low + high) / 2 : scale * 2
    }
    let mean = lengths.reduce(0, +) / Double(lengths.count + 1)
    scale = max(scale, 1e-3 * (nearest > 0 ? mean : overallMean))
    return excess.map { $0 > 0 && scale > 0 ? exp(-$0 / scale) : 1 }
  }

  private static func finite(_ distance: Float) -> Double {
    Double(min(distance, .greatestFiniteMagnitude))
  }

  /// A + B − A ∘ B; entries of 0 are left out.
  private static func union(
    _ a: SparseMatrix<Float>, _ b: SparseMatrix<Float>
  ) -> SparseMatrix<Float> {
    a.merging(b) { _, _, x, y in
      let value = x + y - x * y
      return value > 0 ? value : nil
    }
  }
}
