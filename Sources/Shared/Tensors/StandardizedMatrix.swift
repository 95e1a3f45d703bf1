/// Standardized data that is never stored: X = (S − 1 mᵀ) D⁻¹ with S sparse (N, G), m the genes'
/// means and D their standard deviations.
package struct StandardizedMatrix: Sendable {
  /// S: the log-normalised values. (N, G)
  package let values: SparseMatrix<Float>
  /// m: the number subtracted from each column. (G)
  package let mean: Buffer<Float>
  /// D: the divisor of each column after that. (G)
  package let standardDeviation: Buffer<Float>

  package init(
    values: SparseMatrix<Float>, mean: Buffer<Float>, standardDeviation: Buffer<Float>
  ) {
    precondition(
      mean.count == values.columns && standardDeviation.count == values.columns,
      "\(mean.count) means and \(standardDeviation.count) deviations for \(values.columns) columns")
    self.values = values
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// S itself: 0 is subtracted, and 1 is the divisor.
  package init(unscaled values: SparseMatrix<Float>) {
    self.init(
      values: values, mean: Buffer(repeating: 0, count: values.columns),
      standardDeviation: Buffer(repeating: 1, count: values.columns))
  }

  package var rows: Int { values.rows }
  package var columns: Int { values.columns }
}
