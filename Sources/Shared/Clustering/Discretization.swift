// Labels from leading eigenvectors without k-means, by the rotation that brings the rows nearest to
// unit vectors (Yu and Shi 2003). N points, K dimensions. Each step: labels ← argmax of the rotated
// rows; rotation ← V Uᵀ of the singular vectors of (one-hotᵀ rows).

import Glibc
import Tensors

/// The labels of rows (N, K) by the rotation that brings them nearest to unit vectors; a row of
/// zeros gets the first label. (N)
///
/// It begins at rows that are far apart, of which the seed draws the first. It ends when the
/// objective no longer changes, after 20 steps at most.
func discretized(_ vectors: Matrix<Double>, seed: UInt64) -> [Int] {
  let (n, k) = (vectors.rows, vectors.columns)
  let rows = unitRows(vectors)
  var rotation = farRows(of: rows, seed: seed)
  var labels = [Int](repeating: 0, count: n)
  var last = 0.0
  for _ in 0..<20 {
    labels = (0..<n).map { i in
      var (best, most) = (0, -Double.infinity)
      for j in 0..<k {
        let value = (0..<k).reduce(0.0) { $0 + rows[i, $1] * rotation[$1, j] }
        if value > most { (best, most) = (j, value) }
      }
      return best
    }
    var sums = Matrix<Double>.zeros(k, k)
    for i in 0..<n { for j in 0..<k { sums[labels[i], j] += rows[i, j] } }
    guard let (polar, trace) = polarFactor(of: sums) else { break }
    let objective = 2 * (Double(n) - trace)
    if abs(objective - last) < 1e-12 * Double(n) { break }
    (rotation, last) = (polar, objective)
  }
  return labels
}

private func unitRows(_ vectors: Matrix<Double>) -> Matrix<Double> {
  var result = vectors
  for i in 0..<vectors.rows {
    let length = (0..<vectors.columns).reduce(0.0) { $0 + vectors[i, $1] * vectors[i, $1] }
      .squareRoot()
    for j in 0..<vectors.columns where length > 0 { result[i, j] = vectors[i, j] / length }
  }
  return result
}

/// K rows as columns: the first is drawn, each of the others is the one least similar to those
/// before. (K, K)
private func farRows(of rows: Matrix<Double>, seed: UInt64) -> Matrix<Double> {
  let (n, k) = (rows.rows, rows.columns)
  var generator = RandomGenerator(seed: seed.stream(.discretization))
  var chosen = generator.integer(below: n)
  var alike = [Double](repeating: 0, count: n)
  var rotation = Matrix<Double>.zeros(k, k)
  for j in 0..<k {
    if j > 0 { chosen = alike.indices.min { alike[$0] < alike[$1] } ?? 0 }
    for c in 0..<k { rotation[c, j] = rows[chosen, c] }
    for i in 0..<n {
      alike[i] += abs((0..<k).reduce(0.0) { $0 + rows[i, $1] * rotation[$1, j] })
    }
  }
  return rotation
}

/// V Uᵀ and the sum of the singular values of M = U Σ Vᵀ, by the eigenvectors of Mᵀ M; nil if they
/// do not converge. (K, K)
private func polarFactor(of matrix: Matrix<Double>) -> (Matrix<Double>, trace: Double)? {
  let k = matrix.columns
  var square = Matrix<Double>.zeros(k, k)
  for i in 0..<k {
    for j in 0..<k {
      square[i, j] = (0..<k).reduce(0.0) { $0 + matrix[$1, i] * matrix[$1, j] }
    }
  }
  guard let eigen = SymmetricEigen(of: square) else { return nil }
  var result = Matrix<Double>.zeros(k, k)
  var trace = 0.0
  let least = 1e-24 * (eigen.values.first ?? 0)
  for direction in 0..<k where eigen.values[direction] > least {
    let singular = eigen.values[direction].squareRoot()
    trace += singular
    // u = M v / σ; the factor adds v uᵀ.
    let u = (0..<k).map { row in
      (0..<k).reduce(0.0) { $0 + matrix[row, $1] * eigen.vectors[direction, $1] } / singular
    }
    for i in 0..<k {
      for j in 0..<k { result[i, j] += eigen.vectors[direction, i] * u[j] }
    }
  }
  return (result, trace)
}
