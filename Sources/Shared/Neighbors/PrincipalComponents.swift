// Up to 3000 genes the covariance is formed in Double, and its leading eigenvectors are found. It
// is formed by sparse rows, or by products of dense tiles if the data is dense. Beyond that the
// same eigensolver runs on the data, by two sparse products for each application. The standardised
// matrix is never stored. The covariance squares the condition number, which Double allows for data
// in Float.

import Tensors

/// The directions of the largest variance of N cells, and the cells' coordinates along them.
package struct PrincipalComponents: Sendable {
  /// Coordinates of the cells, by falling variance. (N, k)
  package let scores: Matrix<Float>
  /// The directions, orthonormal, one in each row. The largest component (by magnitude; the first
  /// of equals) of each is positive. (k, G)
  package let loadings: Matrix<Float>
  /// The variance along each (divisor N − 1). (k)
  package let explainedVariance: [Double]
  /// Their shares of the variance of all genes. (k)
  package let explainedVarianceRatio: [Double]
  /// How the result differs from the request, in one line; nil if it does not.
  package let note: String?

  /// Decomposes X (N, G), centred at its means.
  ///
  /// - Parameter count: the number of components; at most min(N, G) − 1 are computed (one at
  ///   least).
  /// - Throws: if there is no cell or gene, `count` is below 1, a value is not finite, or the
  ///   search does not converge.
  package init(
    of data: StandardizedMatrix, count: Int = 50, seed: UInt64 = 0
  ) throws(NeighborsFault) {
    guard count >= 1 else {
      throw NeighborsFault(kind: .usage, "\(count) components; ask for 1 or more")
    }
    guard data.rows > 0, data.columns > 0 else {
      throw NeighborsFault("no data to decompose: \(data.rows) cells and \(data.columns) genes")
    }
    try Self.requireFinite(data)
    let wanted = min(count, max(1, min(data.rows, data.columns) - 1))
    note =
      wanted == count
      ? nil
      : "\(wanted) components instead of \(count): the data has \(data.rows) cells and \(data.columns) genes"
    let covariance = Covariance(of: data)
    let (values, vectors) = try Self.eigenvectors(of: covariance, wanted, seed)
    let directions = vectors.withPositivePeaks()
    explainedVariance = values.map { max(0, $0) }
    let total = Self.totalVariance(covariance)
    explainedVarianceRatio = explainedVariance.map { total > 0 ? $0 / total : 0 }
    loadings = directions.converted(to: Float.self)
    scores = covariance.scores(along: directions)
  }

  private static func eigenvectors(
    of covariance: Covariance, _ count: Int, _ seed: UInt64
  ) throws(NeighborsFault) -> ([Double], Matrix<Double>) {
    let genes = covariance.genes
    if genes > 400 {
      // A product with the data costs more than one with the matrix. So blocks are larger, and the
      // precision is no higher than that of Float.
      let isFormed = covariance.matrix != nil
      let found = LeadingEigenvectors(
        of: covariance, count: count, seed: seed, limit: isFormed ? genes / 2 : 1500,
        block: isFormed ? 8 : 24, tolerance: isFormed ? 1e-9 : 1e-7)
      if found.residual <= (isFormed ? 1e-9 : 1e-5) {
        return (found.values, found.vectors)
      }
    }
    guard let matrix = covariance.matrix, let eigen = SymmetricEigen(of: matrix) else {
      throw NeighborsFault(
        kind: .internalError, "the principal components did not converge; ask for fewer of them")
    }
    return (Array(eigen.values.prefix(count)), head(eigen.vectors, 0..<count))
  }

  /// Σ_j var(x_j). If the covariance is not formed, it is computed in one pass over the data.
  private static func totalVariance(_ covariance: Covariance) -> Double {
    if let matrix = covariance.matrix {
      return (0..<matrix.rows).reduce(0) { $0 + matrix[$1, $1] }
    }
    let s = covariance.data.values
    var total = 0.0
    let (columnOf, value) = (s.indices.span, s.values.span)
    for k in columnOf.indices {
      let x = Double(value[k]) * covariance.scales[Int(columnOf[k])]
      total += x * x
    }
    for (center, scale) in zip(covariance.centers, covariance.scales) {
      total -= Double(s.rows) * center * center * scale * scale
    }
    return total / Double(max(1, s.rows - 1))
  }

  private static func requireFinite(_ data: StandardizedMatrix) throws(NeighborsFault) {
    let s = data.values
    let isFinite = parallelMap(s.rows) { i in
      let value = s.values.span
      return s.range(ofRow: i).allSatisfy { value[$0].isFinite }
    }
    if let i = isFinite.firstIndex(of: false) {
      throw NeighborsFault(
        "row \(i + 1) of the data: a value is not finite; run sc-preprocess first")
    }
    let deviations = data.standardDeviation
    if let j = deviations.firstIndex(where: { !($0 > 0 && $0.isFinite) }) {
      throw NeighborsFault(
        "gene \(j + 1): the standard deviation is \(deviations[j]); run sc-preprocess first")
    }
  }
}
