// The transforms of a matrix of distances in SC3 before k-means: the eigenvectors of one of two
// matrices. N cells.

import Glibc
import Tensors

/// A matrix whose eigenvectors separate cells by their distances.
package enum DistanceTransform: CaseIterable, Sendable {
  /// The correlations of the distances' columns: their principal components.
  case correlation
  /// D^-1/2 exp(−A / max A) D^-1/2, with D the row sums of the middle factor. Its largest
  /// eigenvalues belong to the smallest of the normalized Laplacian.
  case affinity

  /// The symmetric matrix of these distances. (N, N)
  package func matrix(of distances: Matrix<Double>) -> Matrix<Double> {
    switch self {
    case .correlation: correlations(of: distances)
    case .affinity: normalizedAffinity(of: distances)
    }
  }

  /// The eigenvectors of the `count` largest eigenvalues, falling, one in each row; the largest
  /// component of each is positive. (count, N)
  ///
  /// - Throws: `ClusteringFault.notConverged`.
  package func eigenvectors(
    of distances: Matrix<Double>, count: Int, seed: UInt64
  ) throws(ClusteringFault) -> (values: [Double], vectors: Matrix<Double>) {
    let matrix = matrix(of: distances)
    let n = matrix.rows
    if n > largestDense && 3 * count <= n {
      // Equal cells give multiple eigenvalues, which Lanczos may not find. Then all are computed.
      do throws(ClusteringFault) {
        let pairs = try LargestEigenpairs.find(count: count, size: n, seed: seed, tolerance: 1e-6) {
          multiply(matrix, $0, into: &$1)
        }
        return (pairs.values, pairs.vectors)
      } catch {}
    }
    guard let all = SymmetricEigen(of: matrix) else { throw .notConverged(wanted: count, found: 0) }
    return (Array(all.values.prefix(count)), all.vectors.selectingRows(Array(0..<min(count, n))))
  }
}

/// Up to this number of cells all eigenvectors are computed at once.
private let largestDense = 1500

private func correlations(of distances: Matrix<Double>) -> Matrix<Double> {
  var columns = distances.centered()
  let count = columns.columns
  var squares = [Double](repeating: 0, count: count)
  for i in 0..<columns.rows {
    let row = columns.row(i)
    for j in 0..<count { squares[j] += row[j] * row[j] }
  }
  let scales = squares.map { $0 > 0 ? 1 / sqrt($0) : 0 }
  parallelRows(of: &columns) { rows, out in
    for i in 0..<rows.count { for j in 0..<count { out[i * count + j] *= scales[j] } }
  }
  return Matrix.product(columns, columns, transposeA: true)
}

private func normalizedAffinity(of distances: Matrix<Double>) -> Matrix<Double> {
  let count = distances.columns
  let all = distances.elements.span
  var largest = 0.0
  for k in all.indices { largest = max(largest, all[k]) }
  let scale = largest > 0 ? 1 / largest : 0
  var result = distances
  parallelRows(of: &result) { rows, out in
    for k in 0..<rows.count * count { out[k] = exp(-out[k] * scale) }
  }
  let roots = (0..<count).map { i in
    let row = result.row(i)
    var sum = 0.0
    for j in 0..<count { sum += row[j] }
    return 1 / sqrt(sum)
  }
  parallelRows(of: &result) { rows, out in
    for i in rows {
      for j in 0..<count { out[(i - rows.lowerBound) * count + j] *= roots[i] * roots[j] }
    }
  }
  return result
}
