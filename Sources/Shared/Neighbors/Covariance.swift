import Tensors

/// The covariance of standardised data, C = D⁻¹ (SᵀS − N c cᵀ) D⁻¹ / (N − 1), c the column means of S: what PCA decomposes.
/// Centring is at the means themselves, whatever was subtracted before, so data that was not scaled is centred too.
struct Covariance: Sendable {
  let data: StandardizedMatrix
  /// c. (G)
  let centers: [Double]
  /// 1 / D. (G)
  let scales: [Double]
  /// C, where it was formed. (G, G)
  let matrix: Matrix<Double>?
  /// What rounding leaves of zero variance: 1e-13 times the second moment about 0 of all genes.
  let noise: Double

  /// Up to this many genes C is formed.
  static let largestMatrix = 3000
  /// Cells that are turned into Double at a time.
  private static let cellTile = 4096

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
      return
    }
    let entries = Double(s.entryCount)
    let isDense = entries > 0.15 * Double(s.rows) * Double(s.columns)
    var gram = isDense ? Self.denseGram(s, centers) : Self.sparseGram(s)
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
    var result = Matrix<Double>.zeros(genes, vectors.rows)
    forEachTile { _, cells in
      let scores = centered(scores: cells, weights)
      multiply(cells.transposed(), scores, accumulating: true, into: &result)
    }
    let divisor = Double(max(1, data.rows - 1))
    var out = transposed(result)
    for b in 0..<out.rows { for j in 0..<genes { out[b, j] *= scales[j] / divisor } }
    return out
  }

  /// (X − its means) vᵀ for every row v of `vectors`. (b, G) → (N, b)
  func scores(along vectors: Matrix<Double>) -> Matrix<Float> {
    let weights = weighted(vectors)
    var result = Matrix<Float>(uninitializedRows: data.rows, columns: vectors.rows)
    forEachTile { rows, cells in
      let scores = centered(scores: cells, weights)
      let start = rows.lowerBound * vectors.rows
      var out = result.elements.mutableSpan
      for i in scores.elements.indices { out[start + i] = Float(scores.elements[i]) }
    }
    return result
  }

  /// D⁻¹ vᵀ. (G, b)
  private func weighted(_ vectors: Matrix<Double>) -> Matrix<Double> {
    var result = transposed(vectors)
    for j in 0..<genes { for b in 0..<vectors.rows { result[j, b] *= scales[j] } }
    return result
  }

  /// S w − 1 (cᵀ w) for a tile of cells. (cells, b)
  private func centered(scores cells: SparseMatrix<Double>, _ weights: Matrix<Double>) -> Matrix<
    Double
  > {
    var result = Matrix<Double>(uninitializedRows: cells.rows, columns: weights.columns)
    multiply(cells, weights, into: &result)
    let offset = Matrix.product(
      Matrix(rows: 1, columns: genes, elements: Buffer(centers)), weights)
    for i in 0..<cells.rows { for b in 0..<weights.columns { result[i, b] -= offset[0, b] } }
    return result
  }

  private func forEachTile(_ body: (Range<Int>, SparseMatrix<Double>) -> Void) {
    for number in 0..<tileCount(data.rows, of: Self.cellTile) {
      let rows = tile(number, of: Self.cellTile, in: data.rows)
      body(rows, data.values.slice(rows: rows, as: Double.self))
    }
  }

  private static func columnMeans(_ s: SparseMatrix<Float>) -> [Double] {
    var sums = [Double](repeating: 0, count: s.columns)
    let (columnOf, value) = (s.indices.span, s.values.span)
    for k in columnOf.indices { sums[Int(columnOf[k])] += Double(value[k]) }
    return sums.map { $0 / Double(max(1, s.rows)) }
  }

  /// SᵀS, row by row: row a gathers the cells that show gene a, each adding its genes from a on; the lower half is mirrored. (G, G)
  private static func sparseGram(_ s: SparseMatrix<Float>) -> Matrix<Double> {
    let byGene = s.transposed()
    let genes = s.columns
    var gram = Matrix<Double>.zeros(genes, genes)
    parallelRows(of: &gram, tileSize: 16) { rows, out in
      let (starts, columnOf, value) = (s.indptr.span, s.indices.span, s.values.span)
      for (r, a) in rows.enumerated() {
        var line = Buffer<Double>(repeating: 0, count: genes)
        var sums = line.mutableSpan
        for entry in byGene.range(ofRow: a) {
          let cell = Int(byGene.indices[entry])
          let weight = Double(byGene.values[entry])
          let row = starts[cell]..<starts[cell + 1]
          let upper = firstEntry(in: row, of: columnOf, from: a)..<row.upperBound
          add(weight, columnOf.extracting(upper), value.extracting(upper), to: &sums)
        }
        for b in a..<genes { out[r * genes + b] = sums[b] }
      }
    }
    var full = gram.elements.mutableSpan
    for a in 0..<genes { for b in 0..<a { full[a * genes + b] = full[b * genes + a] } }
    return gram
  }

  /// sums[columns] += weight · values.
  @inline(__always)
  private static func add(
    _ weight: Double, _ columns: Span<Int32>, _ values: Span<Float>,
    to sums: inout MutableSpan<Double>
  ) {
    for k in columns.indices { sums[Int(columns[k])] += weight * Double(values[k]) }
  }

  /// The first entry of a row whose column is at least `column`.
  private static func firstEntry(
    in row: Range<Int>, of columns: Span<Int32>, from column: Int
  ) -> Int {
    var (low, high) = (row.lowerBound, row.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if Int(columns[middle]) < column { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// (S − 1cᵀ)ᵀ(S − 1cᵀ) by products of tiles of cells, made dense and centred one at a time. (G, G)
  private static func denseGram(_ s: SparseMatrix<Float>, _ centers: [Double]) -> Matrix<Double> {
    var gram = Matrix<Double>.zeros(s.columns, s.columns)
    for number in 0..<tileCount(s.rows, of: 1024) {
      let rows = tile(number, of: 1024, in: s.rows)
      var dense = s.slice(rows: rows, as: Double.self).densified()
      parallelRows(of: &dense) { part, out in
        for r in 0..<part.count {
          for j in 0..<s.columns { out[r * s.columns + j] -= centers[j] }
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
