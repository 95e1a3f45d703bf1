import Tensors

/// The covariance of standardised data, which PCA decomposes: C = D⁻¹ (SᵀS − N c cᵀ) D⁻¹ / (N − 1),
/// c the column means of S. It is centred at these means, whatever was subtracted before, so data
/// that was not scaled is centred too.
struct Covariance: Sendable {
  let data: StandardizedMatrix
  /// c. (G)
  let centers: [Double]
  /// 1 / D. (G)
  let scales: [Double]
  /// C, if it was formed. (G, G)
  let matrix: Matrix<Double>?
  /// Sᵀ, if C was not formed. (G, N)
  private let byGene: SparseMatrix<Float>?
  /// A bound of rounding errors in a variance of zero: 1e-13 times the second moment about 0 of all
  /// genes.
  let noise: Double

  /// The largest number of genes for which C is formed.
  static let largestMatrix = 3000
  /// Cells whose coordinates are in Double at a time.
  private static let cellTile = 16384
  /// The share of entries from which products of dense tiles are faster than sparse ones.
  private static let denseShare = 0.3

  init(of data: StandardizedMatrix) {
    self.data = data
    let s = data.values
    centers = Self.columnMeans(s)
    scales = data.standardDeviation.map { 1 / Double($0) }
    var moment = 0.0
    let (columnOf, value, deviation) = (s.indices.span, s.values.span, data.standardDeviation.span)
    for k in columnOf.indices {
      let x = Double(value[k]) / Double(deviation[Int(columnOf[k])])
      moment += x * x
    }
    noise = 1e-13 * moment / Double(max(1, s.rows - 1))
    guard s.columns <= Self.largestMatrix else {
      matrix = nil
      byGene = s.transposed()
      return
    }
    byGene = nil
    let isDense =
      Double(s.entryCount) > Self.denseShare * Double(s.rows) * Double(s.columns)
    var gram = isDense ? Self.denseGram(s, centers) : s.gram()
    let (c, d, shift) = (centers, scales, isDense ? 0 : Double(s.rows))
    let divisor = Double(max(1, s.rows - 1))
    let genes = s.columns
    parallelRows(of: &gram, tileSize: 64) { rows, out in
      for (r, i) in rows.enumerated() {
        for j in 0..<genes {
          let value = out[r * genes + j] - shift * c[i] * c[j]
          out[r * genes + j] = value * d[i] * d[j] / divisor
        }
      }
    }
    matrix = gram
  }

  var genes: Int { data.columns }

  /// C v for every row v of `vectors`. (b, G) → (b, G)
  func applied(to vectors: Matrix<Double>) -> Matrix<Double> {
    if let matrix {
      return transposed(Matrix.product(matrix, vectors, transposeB: true))
    }
    let weights = weighted(vectors)
    let scores = centeredScores(0..<data.rows, weights, offsets(weights))
    var result = Matrix<Double>(uninitializedRows: genes, columns: vectors.rows)
    if let byGene { multiply(byGene, rows: 0..<genes, scores, into: &result) }
    let divisor = Double(max(1, data.rows - 1))
    let (d, width) = (scales, vectors.rows)
    parallelRows(of: &result) { rows, out in
      for (r, j) in rows.enumerated() {
        for b in 0..<width { out[r * width + b] *= d[j] / divisor }
      }
    }
    return transposed(result)
  }

  /// (X − its means) vᵀ for every row v of `vectors`. (b, G) → (N, b)
  func scores(along vectors: Matrix<Double>) -> Matrix<Float> {
    let weights = weighted(vectors)
    let offset = offsets(weights)
    var result = Matrix<Float>(uninitializedRows: data.rows, columns: vectors.rows)
    for number in 0..<tileCount(data.rows, of: Self.cellTile) {
      let rows = tile(number, of: Self.cellTile, in: data.rows)
      let scores = centeredScores(rows, weights, offset)
      let start = rows.lowerBound * vectors.rows
      let source = scores.elements.span
      var out = result.elements.mutableSpan
      for i in source.indices { out[start + i] = Float(source[i]) }
    }
    return result
  }

  /// D⁻¹ vᵀ. (G, b)
  private func weighted(_ vectors: Matrix<Double>) -> Matrix<Double> {
    var result = transposed(vectors)
    var out = result.elements.mutableSpan
    for j in 0..<genes {
      for b in 0..<vectors.rows { out[j * vectors.rows + b] *= scales[j] }
    }
    return result
  }

  /// cᵀ w. (b)
  private func offsets(_ weights: Matrix<Double>) -> Buffer<Double> {
    Matrix.product(Matrix(rows: 1, columns: genes, elements: Buffer(centers)), weights).elements
  }

  /// S w − 1 (cᵀ w) for some cells. (cells, b)
  private func centeredScores(
    _ cells: Range<Int>, _ weights: Matrix<Double>, _ offset: Buffer<Double>
  ) -> Matrix<Double> {
    var result = Matrix<Double>(uninitializedRows: cells.count, columns: weights.columns)
    multiply(data.values, rows: cells, weights, into: &result)
    let width = weights.columns
    parallelRows(of: &result) { rows, out in
      let shift = offset.span
      for r in 0..<rows.count { for b in 0..<width { out[r * width + b] -= shift[b] } }
    }
    return result
  }

  private static func columnMeans(_ s: SparseMatrix<Float>) -> [Double] {
    var sums = [Double](repeating: 0, count: s.columns)
    let (columnOf, value) = (s.indices.span, s.values.span)
    for k in columnOf.indices { sums[Int(columnOf[k])] += Double(value[k]) }
    return sums.map { $0 / Double(max(1, s.rows)) }
  }

  /// (S − 1cᵀ)ᵀ(S − 1cᵀ) by products of tiles of cells, made dense and centred one at a time. (G,
  /// G)
  private static func denseGram(_ s: SparseMatrix<Float>, _ centers: [Double]) -> Matrix<Double> {
    let genes = s.columns
    var gram = Matrix<Double>.zeros(genes, genes)
    for number in 0..<tileCount(s.rows, of: 1024) {
      let cells = tile(number, of: 1024, in: s.rows)
      var dense = Matrix<Double>(uninitializedRows: cells.count, columns: genes)
      parallelRows(of: &dense, tileSize: 32) { rows, out in
        let (columnOf, value) = (s.indices.span, s.values.span)
        for (r, i) in rows.enumerated() {
          for j in 0..<genes { out[r * genes + j] = -centers[j] }
          for k in s.range(ofRow: cells.lowerBound + i) {
            out[r * genes + Int(columnOf[k])] += Double(value[k])
          }
        }
      }
      multiply(dense, dense, transposeA: true, accumulating: true, into: &gram)
    }
    return gram
  }
}

/// The transpose of a small dense matrix.
func transposed(_ a: Matrix<Double>) -> Matrix<Double> {
  var result = Matrix<Double>(uninitializedRows: a.columns, columns: a.rows)
  let source = a.elements.span
  var out = result.elements.mutableSpan
  for i in 0..<a.rows {
    for j in 0..<a.columns { out[j * a.rows + i] = source[i * a.columns + j] }
  }
  return result
}
