import Tensors

/// A matrix of standard normal numbers.
package func randomMatrix(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Double> {
  var generator = RandomGenerator(seed: seed)
  return Matrix(
    rows: rows, columns: columns,
    elements: Buffer((0..<rows * columns).map { _ in generator.normal() }))
}

/// Counts, mostly zero: Poisson-like with a rate that differs between genes.
package func randomCounts(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Double> {
  var generator = RandomGenerator(seed: seed)
  var result = Matrix<Double>.zeros(rows, columns)
  for i in 0..<rows {
    for j in 0..<columns where generator.uniform() < 0.35 {
      result[i, j] = Double(generator.integer(below: 1 + 3 * (j + 1)))
    }
  }
  return result
}

/// A directed binary graph with self-loops: every row has itself and `degree` others.
package func randomAdjacency(_ cells: Int, degree: Int, seed: UInt64) -> Matrix<Double> {
  var generator = RandomGenerator(seed: seed)
  var result = Matrix<Double>.zeros(cells, cells)
  for i in 0..<cells {
    result[i, i] = 1
    for _ in 0..<degree { result[i, generator.integer(below: cells)] = 1 }
  }
  return result
}

/// D^-1/2 A D^-1/2 with D the row sums, densely.
package func normalized(_ adjacency: Matrix<Double>) -> Matrix<Double> {
  let degrees = (0..<adjacency.rows).map { i in
    (0..<adjacency.columns).reduce(0.0) { $0 + adjacency[i, $1] }
  }
  var result = adjacency
  for i in 0..<adjacency.rows {
    for j in 0..<adjacency.columns where result[i, j] != 0 {
      result[i, j] /= (degrees[i] * degrees[j]).squareRoot()
    }
  }
  return result
}
