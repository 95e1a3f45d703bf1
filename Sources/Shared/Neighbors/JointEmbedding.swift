import Tensors

/// Both modalities' coordinates side by side. The RNA's are unchanged; the second's are scaled so
/// that its total variance is `weight` times that of the RNA. (N, d + d')
package func jointEmbedding(
  rna: Matrix<Float>, second: Matrix<Float>, weight: Double
) -> Matrix<Float> {
  precondition(rna.rows == second.rows, "\(rna.rows) and \(second.rows) cells")
  let (own, other) = (totalVariance(rna), totalVariance(second))
  let factor = own > 0 && other > 0 ? Float((weight * own / other).squareRoot()) : 1
  let width = rna.columns + second.columns
  var result = Matrix<Float>(uninitializedRows: rna.rows, columns: width)
  var target = result.elements.mutableSpan
  for i in 0..<rna.rows {
    let (left, right) = (rna.row(i), second.row(i))
    for j in 0..<rna.columns { target[i * width + j] = left[j] }
    for j in 0..<second.columns { target[i * width + rna.columns + j] = factor * right[j] }
  }
  return result
}

/// Σ_j var(x_j), divisor N. (x: N, d)
private func totalVariance(_ x: Matrix<Float>) -> Double {
  var total = 0.0
  for j in 0..<x.columns {
    let mean = (0..<x.rows).reduce(0.0) { $0 + Double(x[$1, j]) } / Double(max(1, x.rows))
    for i in 0..<x.rows { total += (Double(x[i, j]) - mean) * (Double(x[i, j]) - mean) }
  }
  return total / Double(max(1, x.rows))
}
