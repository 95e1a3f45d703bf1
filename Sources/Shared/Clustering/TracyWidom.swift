// The number of clusters by SC3: the eigenvalues of the cells' products that exceed those of random
// data of the same size. The cells are standardized over their genes. ZᵀZ and ZZᵀ have the same
// eigenvalues, so the smaller one is used. p cells, n genes. Z is never formed: Z = D⁻¹(S − m 1ᵀ).

import Glibc
import Tensors

/// A number of clusters by the law of Tracy and Widom, as SC3 estimates it.
package struct TracyWidomEstimate: Sendable {
  /// The number of eigenvalues above the bound; at least 1.
  package let clusters: Int
  /// μ + 3.273 σ, μ = (√(n − 1) + √p)², σ = (√(n − 1) + √p)(1/√(n − 1) + 1/√p)^⅓. One in a thousand
  /// random matrices has an eigenvalue above it.
  package let bound: Double
  /// The largest eigenvalues, falling: those above the bound and, if there is one, the next.
  package let eigenvalues: [Double]

  /// Estimates it from the log-normalized values of p cells (p, n).
  ///
  /// - Throws: `ClusteringFault.notConverged`.
  package init(of values: SparseMatrix<Float>, seed: UInt64) throws(ClusteringFault) {
    let bound = Self.bound(genes: values.columns, cells: values.rows)
    let cells = StandardizedCells(values)
    let size = min(values.rows, values.columns)
    var found: [Double] = []
    if size <= smallest {
      found = SymmetricEigen(of: cells.products())?.values ?? []
    } else {
      var count = 16
      repeat {
        count = min(2 * count, size - 1)
        found = try LargestEigenpairs.find(
          count: count, size: size, seed: seed, tolerance: 1e-8
        ) { cells.apply($0, into: &$1) }.values
      } while (found.last ?? 0) > bound && count < size - 1
    }
    let above = found.count { $0 > bound }
    self.bound = bound
    eigenvalues = Array(found.prefix(above + 1))
    clusters = max(1, above)
  }

  /// The bound on the eigenvalues of random data of the same size.
  package static func bound(genes: Int, cells: Int) -> Double {
    let (n, p) = (sqrt(Double(max(2, genes) - 1)), sqrt(Double(max(1, cells))))
    return (n + p) * (n + p) + 3.273 * (n + p) * cbrt(1 / n + 1 / p)
  }
}

/// Up to this size all eigenvalues are computed at once.
private let smallest = 256

/// Z of the cells, and products with it.
private struct StandardizedCells {
  /// S (p, n) and its transpose.
  let values: SparseMatrix<Float>
  let transposed: SparseMatrix<Float>
  /// For every cell its mean over the genes and the inverse of its standard deviation; 0 for a cell
  /// of equal values.
  let means: [Double]
  let inverses: [Double]

  init(_ values: SparseMatrix<Float>) {
    self.values = values
    transposed = values.transposed()
    let genes = Double(max(1, values.columns))
    let entries = values.values.span
    let moments = (0..<values.rows).map { i in
      var (sum, squares) = (0.0, 0.0)
      for k in values.range(ofRow: i) {
        sum += Double(entries[k])
        squares += Double(entries[k]) * Double(entries[k])
      }
      let variance = (squares - sum * sum / genes) / max(1, genes - 1)
      return (mean: sum / genes, inverse: variance > 1e-12 ? 1 / sqrt(variance) : 0)
    }
    (means, inverses) = (moments.map(\.mean), moments.map(\.inverse))
  }

  /// y ← Z Zᵀ x of the cells, or Zᵀ Z x of the genes, whichever are fewer.
  func apply(_ x: Matrix<Double>, into y: inout Matrix<Double>) {
    if values.columns <= values.rows {
      var product = Matrix<Double>.zeros(values.rows, 1)
      timesCells(x, into: &product)
      timesGenes(product, into: &y)
    } else {
      var product = Matrix<Double>.zeros(values.columns, 1)
      timesGenes(x, into: &product)
      timesCells(product, into: &y)
    }
  }

  /// Z x of the genes. (n, 1) → (p, 1)
  private func timesCells(_ x: Matrix<Double>, into y: inout Matrix<Double>) {
    multiply(values, rows: 0..<values.rows, x, into: &y)
    var sum = 0.0
    let source = x.elements.span
    for k in source.indices { sum += source[k] }
    var out = y.elements.mutableSpan
    for i in out.indices { out[i] = (out[i] - means[i] * sum) * inverses[i] }
  }

  /// Zᵀ x of the cells. (p, 1) → (n, 1)
  private func timesGenes(_ x: Matrix<Double>, into y: inout Matrix<Double>) {
    var scaled = x
    var sum = 0.0
    var elements = scaled.elements.mutableSpan
    for i in elements.indices {
      elements[i] *= inverses[i]
      sum += means[i] * elements[i]
    }
    multiply(transposed, rows: 0..<transposed.rows, scaled, into: &y)
    var out = y.elements.mutableSpan
    for k in out.indices { out[k] -= sum }
  }

  /// The matrix of the smaller side, in full.
  func products() -> Matrix<Double> {
    let size = min(values.rows, values.columns)
    var result = Matrix<Double>.zeros(size, size)
    var (unit, column) = (Matrix<Double>.zeros(size, 1), Matrix<Double>.zeros(size, 1))
    for j in 0..<size {
      unit[j, 0] = 1
      apply(unit, into: &column)
      unit[j, 0] = 0
      for i in 0..<size { result[i, j] = column[i, 0] }
    }
    return result
  }
}
