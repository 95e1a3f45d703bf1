import Glibc
import Tensors

/// The neighborhoods of all cells: the joint probabilities P of t-SNE (van der Maaten 2014),
/// sparse.
///
/// p(j|i) ∝ exp(−βᵢ d²ᵢⱼ) over the neighbors of i, with βᵢ such that 2^H(p(·|i)) is the given
/// perplexity; pᵢⱼ = (p(j|i) + p(i|j)) / 2N. Symmetric, zero diagonal, sums to 1.
package struct Affinities: Sendable {
  /// P. (N, N)
  package let matrix: SparseMatrix<Double>

  /// The number of neighbors to search for each cell: three times the perplexity, as far as there
  /// are cells.
  package static func neighborCount(cells: Int, perplexity: Double = 30) -> Int {
    max(0, min(cells - 1, Int(3 * perplexity)))
  }

  /// From the neighbors of every cell (N, k), without itself, and their distances (N, k).
  ///
  /// With few cells the perplexity is a third of the neighbors, and at least 1.
  package init(neighbors: Matrix<Int32>, distances: Matrix<Float>, perplexity: Double = 30) {
    precondition(
      neighbors.rows == distances.rows && neighbors.columns == distances.columns,
      "\(neighbors.rows) × \(neighbors.columns) neighbors, \(distances.rows) × \(distances.columns) distances"
    )
    let (cells, k) = (neighbors.rows, neighbors.columns)
    let entropy = log(max(1, min(perplexity, Double(k) / 3)))
    var values = Matrix<Double>(uninitializedRows: cells, columns: k)
    parallelRows(of: &values) { rows, elements in
      for i in rows {
        let row = Affinities.conditional(distances.row(i), entropy: entropy)
        let start = (i - rows.lowerBound) * k
        for j in 0..<k { elements[start + j] = row[j] / Double(2 * cells) }
      }
    }
    let halves = SparseMatrix.sortedRows(at: neighbors, values, columns: cells)
    matrix = halves.merging(halves.transposed()) { _, _, a, b in a + b }
  }

  /// The probabilities p(j|i) of one row with the given entropy, in nats. Distances are squared
  /// here. (k)
  package static func conditional(_ distances: Span<Float>, entropy: Double) -> [Double] {
    var squares: [Double] = []
    for j in distances.indices {
      let distance = Double(min(distances[j], .greatestFiniteMagnitude))
      squares.append(distance * distance)
    }
    let nearest = squares.min() ?? 0
    let mean = squares.reduce(0) { $0 + ($1 - nearest) } / Double(max(1, squares.count))
    guard mean > 0 else {
      return Array(repeating: 1 / Double(squares.count), count: squares.count)
    }
    // Relative to the nearest and to the mean: so β is of the order of 1 whatever the units, and no
    // sum vanishes.
    let excess = squares.map { ($0 - nearest) / mean }
    var (low, high, beta) = (0.0, Double.infinity, 1.0)
    var weights = excess
    for _ in 0..<64 {
      weights = excess.map { exp(-beta * $0) }
      let sum = weights.reduce(0, +)
      let weighted = zip(weights, excess).reduce(0) { $0 + $1.0 * $1.1 }
      let difference = log(sum) + beta * weighted / sum - entropy
      if abs(difference) < 1e-7 { break }
      if difference > 0 { low = beta } else { high = beta }
      beta = high.isFinite ? (low + high) / 2 : beta * 2
    }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }
}
