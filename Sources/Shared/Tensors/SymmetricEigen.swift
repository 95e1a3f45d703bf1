/// The eigenvalues and eigenvectors of a symmetric matrix.
package struct SymmetricEigen<Element: Real> {
  /// n values, falling.
  package let values: [Element]
  /// One eigenvector in each row, in the order of the values. The largest component (by magnitude;
  /// the first of equals) of each is positive. (n, n)
  package let vectors: Matrix<Element>

  /// Decomposes a symmetric n × n matrix with LAPACK's divide and conquer; nil if it does not
  /// converge (values not finite).
  package init?(of matrix: Matrix<Element>) {
    precondition(matrix.rows == matrix.columns, "\(matrix.rows) × \(matrix.columns) is not square")
    let n = matrix.rows
    var work = matrix
    var eigenvalues = Buffer<Element>(repeating: 0, count: n)
    if n > 0 {
      // SAFETY: `work` is an n × n copy, `eigenvalues` holds n.
      let status = unsafe Element.lapackSymmetricEigen(
        n, work.elements.mutablePointer(), eigenvalues.mutablePointer())
      if status != 0 { return nil }
    }
    values = eigenvalues.reversed()
    vectors = work.selectingRows(Array((0..<n).reversed())).withPositivePeaks()
  }
}

extension Matrix where Element: Real {
  /// The rows with signs that make the component of largest magnitude (the first of equals)
  /// positive.
  package func withPositivePeaks() -> Matrix {
    var result = self
    var out = result.elements.mutableSpan
    for i in 0..<rows {
      let row = i * columns..<(i + 1) * columns
      var peak: Element = 0
      for j in row where abs(out[j]) > abs(peak) { peak = out[j] }
      if peak < 0 { for j in row { out[j] = -out[j] } }
    }
    return result
  }
}
