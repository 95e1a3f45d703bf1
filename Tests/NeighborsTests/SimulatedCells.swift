import Foundation
import Tensors

/// Points around `groups` centers. (count, dimensions)
func clouds(_ count: Int, _ dimensions: Int, groups: Int = 5, seed: UInt64 = 1) -> Matrix<Float> {
  var generator = RandomGenerator(seed: seed)
  let centers = (0..<groups * dimensions).map { _ in 4 * generator.normal() }
  var result = Matrix<Float>.zeros(count, dimensions)
  for i in 0..<count {
    for j in 0..<dimensions {
      result[i, j] = Float(centers[(i % groups) * dimensions + j] + generator.normal())
    }
  }
  return result
}

/// Sparse non-negative data of a few groups, standardised. (cells, genes)
func standardizedCells(_ cells: Int, _ genes: Int, density: Double = 0.1, seed: UInt64 = 1)
  -> StandardizedMatrix
{
  var generator = RandomGenerator(seed: seed)
  var (starts, columns, values): ([Int], [Int32], [Float]) = ([0], [], [])
  for i in 0..<cells {
    for j in 0..<genes {
      let isMarker = j % 7 == i % 7
      if generator.uniform() >= density * (isMarker ? 3 : 1) { continue }
      columns.append(Int32(j))
      values.append(Float(log1p(1 + 4 * generator.uniform() * (isMarker ? 2 : 1))))
    }
    starts.append(values.count)
  }
  let matrix = SparseMatrix(
    rows: cells, columns: genes, indptr: Buffer(starts), indices: Buffer(columns),
    values: Buffer(values))
  var (sums, squares) = ([Double](repeating: 0, count: genes), [Double](repeating: 0, count: genes))
  for (column, value) in zip(columns, values) {
    sums[Int(column)] += Double(value)
    squares[Int(column)] += Double(value * value)
  }
  let n = Double(cells)
  let deviations = (0..<genes).map { j -> Float in
    let variance = (squares[j] - sums[j] * sums[j] / n) / max(1, n - 1)
    return variance > 1e-9 ? Float(variance.squareRoot()) : 1
  }
  return StandardizedMatrix(
    values: matrix, mean: Buffer(sums.map { Float($0 / n) }), standardDeviation: Buffer(deviations))
}
