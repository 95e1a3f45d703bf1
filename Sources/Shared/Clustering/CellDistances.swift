// Distances of all pairs of cells, the first step of SC3. N cells, G genes. It needs N × N numbers,
// so it is for few cells.

import Glibc
import Tensors

/// The distance between two cells by their genes.
package enum CellDistance: CaseIterable, Sendable {
  /// ‖x_i − x_j‖
  case euclidean
  /// 1 − the correlation of their values.
  case pearson
  /// 1 − the correlation of the ranks of their values; equal values share their mean rank.
  case spearman

  /// The distances of all pairs. With a correlation, a cell whose values are all equal has distance
  /// 1 to every other. (N, G) → (N, N)
  package func matrix(of values: Matrix<Double>) -> Matrix<Double> {
    switch self {
    case .euclidean: euclideanDistances(values)
    case .pearson: correlationDistances(values)
    case .spearman: correlationDistances(ranked(values))
    }
  }
}

private func euclideanDistances(_ values: Matrix<Double>) -> Matrix<Double> {
  // Centered points have small squares, so that less precision is lost in their differences.
  let points = values.centered()
  var result = Matrix.product(points, points, transposeB: true)
  let norms = (0..<points.rows).map { result[$0, $0] }
  let count = points.rows
  let products = result
  parallelRows(of: &result) { rows, out in
    for i in rows {
      let row = products.row(i)
      for j in 0..<count {
        let square = norms[i] + norms[j] - 2 * row[j]
        out[(i - rows.lowerBound) * count + j] = i == j ? 0 : sqrt(max(0, square))
      }
    }
  }
  return result
}

private func correlationDistances(_ values: Matrix<Double>) -> Matrix<Double> {
  let columns = values.columns
  var points = values
  parallelRows(of: &points) { rows, out in
    for i in 0..<rows.count {
      let row = i * columns..<(i + 1) * columns
      var (sum, squares) = (0.0, 0.0)
      for k in row { sum += out[k] }
      let mean = sum / Double(max(1, columns))
      for k in row {
        out[k] -= mean
        squares += out[k] * out[k]
      }
      let scale = squares > 0 ? 1 / sqrt(squares) : 0
      for k in row { out[k] *= scale }
    }
  }
  var result = Matrix.product(points, points, transposeB: true)
  let count = points.rows
  parallelRows(of: &result) { rows, out in
    for i in rows {
      let first = (i - rows.lowerBound) * count
      for j in 0..<count { out[first + j] = i == j ? 0 : 1 - out[first + j] }
    }
  }
  return result
}

/// The ranks of every row's values, from 1; equal ones have their mean. (N, G)
private func ranked(_ values: Matrix<Double>) -> Matrix<Double> {
  let columns = values.columns
  var result = values
  parallelRows(of: &result, tileSize: 16) { rows, out in
    for i in rows {
      let row = values.row(i)
      let own = (0..<columns).map { row[$0] }
      let order = own.indices.sorted { own[$0] < own[$1] }
      var begin = 0
      while begin < columns {
        var end = begin + 1
        while end < columns && own[order[end]] == own[order[begin]] { end += 1 }
        let rank = Double(begin + end + 1) / 2
        for place in begin..<end {
          out[(i - rows.lowerBound) * columns + order[place]] = rank
        }
        begin = end
      }
    }
  }
  return result
}

extension Matrix<Double> {
  /// Every column minus its mean.
  func centered() -> Matrix {
    var means = [Double](repeating: 0, count: columns)
    for i in 0..<rows {
      let row = row(i)
      for j in 0..<columns { means[j] += row[j] }
    }
    means = means.map { $0 / Double(Swift.max(1, rows)) }
    var result = self
    var elements = result.elements.mutableSpan
    for i in 0..<rows { for j in 0..<columns { elements[i * columns + j] -= means[j] } }
    return result
  }
}
