// Whether the batches around a cell have the proportions of all cells: kBET (Büttner et al. 2019,
// Nature Methods 16:43).

import Glibc
import Tensors

/// The share of cells whose neighborhood has the batch proportions of all cells. It is decided by
/// Pearson's χ² test of the counts with B − 1 degrees of freedom; 1 if batches mix fully. nil for
/// one batch.
///
/// - Parameters:
///   - neighbors: the k − 1 nearest others of every cell; with the cell itself they are the
///     neighborhood. (N, k − 1)
///   - batches: from 0. (N)
///   - level: cells with at least this p-value count as mixed.
package func neighborhoodAcceptance(
  neighbors: Matrix<Int32>, batches: [Int], level: Double = 0.05
) -> Double? {
  precondition(neighbors.rows == batches.count, "a batch a cell")
  var totals = [Double](repeating: 0, count: (batches.max() ?? 0) + 1)
  for batch in batches { totals[batch] += 1 }
  let present = totals.indices.filter { totals[$0] > 0 }
  guard present.count > 1 else { return nil }
  let kinds = totals.count
  let size = Double(neighbors.columns + 1)
  let expected = present.map { totals[$0] * size / Double(batches.count) }
  let accepted = parallelMap(batches.count) { i in
    var found = [Double](repeating: 0, count: kinds)
    found[batches[i]] += 1
    let row = neighbors.row(i)
    for j in row.indices { found[batches[Int(row[j])]] += 1 }
    let statistic = zip(present, expected).reduce(0.0) { sum, pair in
      let apart = found[pair.0] - pair.1
      return sum + apart * apart / pair.1
    }
    return chiSquaredTail(statistic, freedom: Double(present.count - 1)) >= level
  }
  return Double(accepted.count { $0 }) / Double(batches.count)
}

/// P(χ² ≥ x) with that many degrees of freedom: the upper incomplete gamma function Q(f/2, x/2). It
/// uses its series for small x and its continued fraction for large ones (Abramowitz and Stegun
/// 6.5.29, 6.5.31).
package func chiSquaredTail(_ x: Double, freedom: Double) -> Double {
  let (a, x) = (freedom / 2, x / 2)
  guard x > 0 else { return 1 }
  let front = exp(a * log(x) - x - logGamma(a))
  if x < a + 1 {
    var (term, sum, n) = (1 / a, 1 / a, a)
    while term > sum * 1e-16 {
      n += 1
      term *= x / n
      sum += term
    }
    return max(0, 1 - front * sum)
  }
  // Lentz's method.
  var b = x + 1 - a
  var c = 1e300
  var d = 1 / b
  var result = d
  for i in 1...1000 {
    let numerator = -Double(i) * (Double(i) - a)
    b += 2
    d = 1 / (numerator * d + b)
    c = b + numerator / c
    result *= c * d
    if abs(c * d - 1) < 1e-15 { break }
  }
  return front * result
}
