import Autodiff
import Tensors

/// The counts of all cells with their size factors; batches of them are targets. (N, G)
package struct CountSource<S: EngineScalar>: Sendable {
  package let counts: SparseMatrix<S>
  package let sizeFactors: [S]
  /// Σ_j lgamma(x_ij + 1). (N)
  let constants: Buffer<Double>

  /// Takes counts (N, G) and N size factors.
  package init(counts: SparseMatrix<S>, sizeFactors: [S]) {
    precondition(
      sizeFactors.count == counts.rows,
      "\(sizeFactors.count) size factors for \(counts.rows) cells")
    self.counts = counts
    self.sizeFactors = sizeFactors
    constants = rowSumsOfLogFactorials(counts)
  }

  package var columns: Int { counts.columns }

  /// All cells as the target of a loss.
  package var target: CountTarget<S> {
    CountTarget(counts: counts, sizeFactors: Buffer(sizeFactors), constants: constants)
  }
}

/// A batch of cells' counts.
package struct CountRows<S: EngineScalar> {
  private let rows: SparseRows<S>

  package init(of source: CountSource<S>) {
    rows = SparseRows(columns: source.columns, keepingTranspose: false)
  }

  /// The cells `chosen`, in that order, as the target of a loss.
  package func take(_ chosen: ArraySlice<Int>, of source: CountSource<S>) -> CountTarget<S> {
    rows.take(chosen, of: source.counts)
    return CountTarget(
      counts: rows.matrix, sizeFactors: Buffer(chosen.map { source.sizeFactors[$0] }),
      constants: Buffer(chosen.map { source.constants[$0] }))
  }
}
