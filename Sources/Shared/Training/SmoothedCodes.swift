// A cell's neighbors show which part of its code is noise. So codes are averaged over the
// neighborhoods that they define. k-means is dominated by the directions in which codes vary most.
// So the spread of the directions is equalized halfway.

import Glibc
import Neighbors
import Tensors

/// Cells in a neighborhood, including the cell itself.
private let neighborhood = 15
/// The number of times that neighborhoods are averaged.
private let rounds = 3

/// Codes averaged over neighborhoods, in principal directions whose standard deviations σ have
/// become √σ. (N, D)
///
///     Z ← P³ Z,  P = D⁻¹ W,  W = (A + Aᵀ) / 2,  A the 15 nearest cells of each by the codes
///     Z − mean = U Σ Vᵀ  →  U √Σ
///
/// The codes of fewer than three cells are not smoothed.
///
/// - Throws: `NeighborsFault` for codes that are not finite.
package func smoothed(_ codes: Matrix<Float>, seed: UInt64) throws -> Matrix<Float> {
  if codes.rows < 3 { return codes }
  let found = try NearestNeighbors.automatic(of: codes, count: neighborhood - 1, seed: seed)
  let weights = averaging(
    symmetrized(adjacencyPattern(fromDistances: NeighborGraph(found).distances)))
  var values = codes.converted(to: Double.self)
  var next = Matrix<Double>.zeros(codes.rows, codes.columns)
  for _ in 0..<rounds {
    multiply(weights, values, into: &next)
    swap(&values, &next)
  }
  return rescaled(values)
}

/// D⁻¹ W. (N, N)
private func averaging(_ graph: SparseMatrix<Float>) -> SparseMatrix<Double> {
  var shares = Buffer<Double>(repeating: 0, count: graph.entryCount)
  for i in 0..<graph.rows {
    let row = graph.range(ofRow: i)
    let degree = row.reduce(0.0) { $0 + Double(graph.values[$1]) }
    for k in row { shares[k] = Double(graph.values[k]) / degree }
  }
  return SparseMatrix(
    rows: graph.rows, columns: graph.columns, indptr: graph.indptr, indices: graph.indices,
    values: shares)
}

/// U √Σ of the centered values U Σ Vᵀ; directions in which they do not vary become 0. (N, D)
private func rescaled(_ values: Matrix<Double>) -> Matrix<Float> {
  let (n, d) = (values.rows, values.columns)
  var means = [Double](repeating: 0, count: d)
  for i in 0..<n { for j in 0..<d { means[j] += values[i, j] / Double(n) } }
  var products = Matrix<Double>.zeros(d, d)
  for i in 0..<n {
    for j in 0..<d {
      for k in 0...j { products[j, k] += (values[i, j] - means[j]) * (values[i, k] - means[k]) }
    }
  }
  for j in 0..<d { for k in 0..<j { products[k, j] = products[j, k] } }
  guard let directions = SymmetricEigen(of: products) else {
    return values.converted(to: Float.self)
  }
  let largest = values.elements.span.indices.reduce(0.0) { max($0, abs(values.elements[$1])) }
  let rounding = 1e-12 * largest
  let least = max(1e-12 * (directions.values.first ?? 0), Double(n) * rounding * rounding)
  // λ = Σ², so that U √Σ = (Z V) λ^(−1/4).
  let scales = directions.values.map { $0 > least ? pow($0, -0.25) : 0 }
  var result = Matrix<Float>(uninitializedRows: n, columns: d)
  for i in 0..<n {
    for direction in 0..<d {
      var sum = 0.0
      for j in 0..<d { sum += (values[i, j] - means[j]) * directions.vectors[direction, j] }
      result[i, direction] = Float(sum * scales[direction])
    }
  }
  return result
}
