import Tensors

/// Sums over the cells, gene by gene, for mean and variance. They are accumulated in Double, in
/// tiles of cells that are added in their order. The number of tiles depends only on the number of
/// cells.
struct GeneMoments: Sendable {
  let cells: Int
  /// Σ x, Σ x², and in how many cells x > 0. (G each)
  private(set) var sums: [Double]
  private(set) var squares: [Double]
  private(set) var detected: [Int]

  /// The most tiles: bounds the memory for partial sums.
  private static let tiles = 32

  /// Moments of `transform(position in rows, gene, value)` over the rows named; a value of 0 must
  /// be mapped to 0.
  init(
    of matrix: SparseMatrix<Float>, rows: [Int],
    _ transform: @Sendable (_ position: Int, _ gene: Int, _ value: Float) -> Double
  ) {
    let genes = matrix.columns
    let size = max(1024, tileCount(rows.count, of: Self.tiles))
    var partial = Matrix<Double>.zeros(tileCount(rows.count, of: size), 3 * genes)
    parallelRows(of: &partial, tileSize: 1) { range, sums in
      let (starts, gene, value) = (matrix.indptr.span, matrix.indices.span, matrix.values.span)
      for i in tile(range.lowerBound, of: size, in: rows.count) {
        for k in starts[rows[i]]..<starts[rows[i] + 1] where value[k] != 0 {
          let j = Int(gene[k])
          let x = transform(i, j, value[k])
          sums[j] += x
          sums[genes + j] += x * x
          sums[2 * genes + j] += x > 0 ? 1 : 0
        }
      }
    }
    var total = [Double](repeating: 0, count: 3 * genes)
    let source = partial.elements.span
    for t in 0..<partial.rows {
      for j in 0..<3 * genes { total[j] += source[t * 3 * genes + j] }
    }
    cells = rows.count
    sums = Array(total[..<genes])
    squares = Array(total[genes..<2 * genes])
    detected = total[(2 * genes)...].map { Int($0) }
  }

  func mean(_ gene: Int) -> Double { sums[gene] / Double(max(1, cells)) }

  /// The variance with divisor N − 1; 0 for one cell, and for a gene that is the same in all.
  func variance(_ gene: Int) -> Double {
    guard cells > 1 else { return 0 }
    let mean = mean(gene)
    let spread = squares[gene] - mean * sums[gene]
    return spread > squares[gene] * 1e-13 ? spread / Double(cells - 1) : 0
  }
}
