import Glibc
import Tensors

/// Σ_j lgamma(x_ij + 1) for every row of counts; each small whole count is looked up in a table.
/// (N, G) → (N)
package func rowSumsOfLogFactorials<S: Real>(_ counts: SparseMatrix<S>) -> Buffer<Double> {
  let (values, starts) = (counts.values.span, counts.indptr.span)
  var result = Buffer<Double>(repeating: 0, count: counts.rows)
  var totals = result.mutableSpan
  for i in 0..<counts.rows {
    for k in starts[i]..<starts[i + 1] { totals[i] += table[Double(values[k])] }
  }
  return result
}

/// Made once.
private let table = LogFactorials()

private struct LogFactorials: Sendable {
  private let table = (0..<4096).map { logGamma(Double($0) + 1) }

  /// lgamma(x + 1); 0 for values that count as zero.
  subscript(x: Double) -> Double {
    if x < 1e-8 { return 0 }
    let whole = x < Double(table.count) ? Int(x) : -1
    return whole >= 0 && Double(whole) == x ? table[whole] : logGamma(x + 1)
  }
}
