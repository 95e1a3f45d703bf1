import Tensors

/// Counts of `cells` × `genes` with depths that vary between cells and genes of rising expression;
/// the last genes vary most.
func simulatedCounts(cells: Int, genes: Int, density: Double = 1, seed: UInt64 = 1)
  -> SparseMatrix<Float>
{
  var generator = RandomGenerator(seed: seed)
  var dense = Matrix<Float>.zeros(cells, genes)
  for i in 0..<cells {
    let depth = 0.5 + 3 * generator.uniform()
    for j in 0..<genes {
      let group = Double((i % 3) * (j % 4)) / 3
      let rate = density * depth * (0.05 + 2 * Double(j) / Double(genes)) * (0.3 + group)
      let draw = generator.uniform()
      dense[i, j] = Float((-rate * log2OfUniform(draw)).rounded(.down))
    }
  }
  return SparseMatrix(dense)
}

/// −log₂ u up to sign, by the exponent and a linear mantissa: enough for counts that look like
/// counts.
private func log2OfUniform(_ u: Double) -> Double {
  let x = max(u, 1e-12)
  return Double(x.exponent) + x.significand - 1
}
