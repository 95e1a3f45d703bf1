// The leading eigenvectors of a covariance by block Lanczos with full reorthogonalisation (Golub
// and Underwood 1977), in Double. Small blocks keep the Krylov degree high for a given dimension,
// which the slowly falling tail of a noisy spectrum needs. Equal eigenvalues are found together if
// they are no more than the rows of a block. A block that loses rank is filled with random vectors.
// So data of low rank ends in a basis of the whole space instead of a breakdown.

import Tensors

/// The largest eigenvalues of a symmetric positive operator with their vectors.
struct LeadingEigenvectors {
  /// Falling. (k)
  let values: [Double]
  /// One a row, orthonormal. (k, n)
  let vectors: Matrix<Double>
  /// The largest ‖C v − λ v‖ of the k, relative to the largest eigenvalue; 0 if all is rounding.
  let residual: Double

  /// Finds `count` eigenvectors, up to a residual of `tolerance`, in a Krylov space of at most
  /// `limit` dimensions that grows by `block`.
  init(
    of operation: Covariance, count: Int, seed: UInt64, limit: Int, block: Int, tolerance: Double
  ) {
    let n = operation.genes
    let capacity = min(n, max(limit, count + 2 * block))
    var basis = LanczosBasis(size: n, capacity: capacity, seed: seed)
    var nextCheck = min(capacity, max(2 * count, 128))
    while true {
      let added = basis.extend(by: min(block, capacity - basis.count))
      basis.append(image: operation.applied(to: added))
      let isFull = basis.count == capacity
      if !isFull && basis.count < nextCheck { continue }
      let ritz = basis.ritz(count)
      let residual = basis.residual(ritz, noise: operation.noise)
      if isFull || residual <= tolerance {
        values = ritz.values
        vectors = Matrix.product(ritz.coefficients, basis.vectors)
        self.residual = residual
        return
      }
      nextCheck = min(capacity, basis.count + max(64, basis.count / 4))
    }
  }
}

/// An orthonormal basis Q (rows) with its image C Q.
private struct LanczosBasis {
  private var q: Matrix<Double>
  private var image: Matrix<Double>
  private(set) var count = 0
  /// The rows that the last extension added.
  private var last = 0..<0
  private var generator: RandomGenerator

  init(size: Int, capacity: Int, seed: UInt64) {
    q = .zeros(capacity, size)
    image = .zeros(capacity, size)
    generator = RandomGenerator(seed: seed.stream(.principalComponents))
  }

  var vectors: Matrix<Double> { head(q, 0..<count) }

  /// Appends `size` orthonormal rows: the image of the last block, made orthogonal to all. Random
  /// rows replace those that vanish.
  mutating func extend(by size: Int) -> Matrix<Double> {
    let taken = min(size, last.count)
    var block = Matrix<Double>(uninitializedRows: size, columns: q.columns)
    copyRows(of: image, last.prefix(taken), to: &block, at: 0)
    for r in taken..<size { fillAtRandom(&block, r) }
    let lengths = (0..<taken).map { squaredLength(block, $0).squareRoot() }
    block = orthogonalized(block)
    for r in 0..<size {
      var isNew = Self.normalize(&block, r, atLeast: r < taken ? 1e-10 * lengths[r] : 0)
      while !isNew {
        fillAtRandom(&block, r)
        block = orthogonalized(block, onlyRow: r)
        isNew = Self.normalize(&block, r, atLeast: 1e-6)
      }
    }
    copyRows(of: block, 0..<size, to: &q, at: count)
    last = count..<count + size
    count += size
    return block
  }

  mutating func append(image block: Matrix<Double>) {
    copyRows(of: block, 0..<last.count, to: &image, at: last.lowerBound)
  }

  private mutating func fillAtRandom(_ block: inout Matrix<Double>, _ r: Int) {
    let row = r * block.columns..<(r + 1) * block.columns
    var out = block.elements.mutableSpan
    for j in row { out[j] = generator.normal() }
  }

  /// Rows minus their parts in the span of Q, computed twice for accuracy.
  private func orthogonalized(_ block: Matrix<Double>, onlyRow row: Int? = nil) -> Matrix<Double> {
    if count == 0 { return block }
    var result = row.map { head(block, $0..<$0 + 1) } ?? block
    let basis = vectors
    for _ in 0..<2 {
      let overlap = Matrix.product(basis, result, transposeB: true)
      let shadow = Matrix.product(overlap, basis, transposeA: true)
      subtract(shadow, from: &result)
    }
    guard let row else { return result }
    var whole = block
    copyRows(of: result, 0..<1, to: &whole, at: row)
    return whole
  }

  /// Makes row `r` orthogonal to the rows above it and of length 1; false if less than `smallest`
  /// of it remains.
  private static func normalize(
    _ block: inout Matrix<Double>, _ r: Int, atLeast smallest: Double
  ) -> Bool {
    let n = block.columns
    for _ in 0..<2 {
      for earlier in 0..<r {
        let overlap = dot(block, r, block, earlier)
        var out = block.elements.mutableSpan
        for j in 0..<n {
          let shadow = overlap * out[earlier * n + j]
          out[r * n + j] -= shadow
        }
      }
    }
    let length = squaredLength(block, r).squareRoot()
    if !(length > max(smallest, 1e-290)) { return false }
    var out = block.elements.mutableSpan
    for j in r * n..<(r + 1) * n { out[j] /= length }
    return true
  }

  struct Ritz {
    let values: [Double]
    /// One a row. (k, count)
    let coefficients: Matrix<Double>
  }

  /// The leading eigenpairs of Q C Qᵀ.
  func ritz(_ wanted: Int) -> Ritz {
    var projected = Matrix.product(vectors, head(image, 0..<count), transposeB: true)
    var out = projected.elements.mutableSpan
    for i in 0..<count {
      for j in 0..<i {
        let value = (out[i * count + j] + out[j * count + i]) / 2
        out[i * count + j] = value
        out[j * count + i] = value
      }
    }
    let kept = min(wanted, count)
    guard let eigen = SymmetricEigen(of: projected) else {
      return Ritz(values: [], coefficients: .zeros(0, count))
    }
    return Ritz(
      values: Array(eigen.values.prefix(kept)), coefficients: head(eigen.vectors, 0..<kept))
  }

  /// The largest ‖C v − λ v‖ over the pairs, relative to the largest λ.
  func residual(_ ritz: Ritz, noise: Double) -> Double {
    let scale = ritz.values.first ?? 0
    if ritz.values.isEmpty { return .infinity }
    let v = Matrix.product(ritz.coefficients, vectors)
    let cv = Matrix.product(ritz.coefficients, head(image, 0..<count))
    var largest = 0.0
    for i in 0..<v.rows {
      let (image, vector) = (cv.row(i), v.row(i))
      var sum = 0.0
      for j in 0..<v.columns {
        let difference = image[j] - ritz.values[i] * vector[j]
        sum += difference * difference
      }
      largest = max(largest, sum.squareRoot())
    }
    return largest <= noise ? 0 : largest / max(scale, .leastNormalMagnitude)
  }
}

/// A run of rows, sharing the bytes. (rows.count, columns)
func head<Element>(_ matrix: Matrix<Element>, _ rows: Range<Int>) -> Matrix<Element> {
  Matrix(
    rows: rows.count, columns: matrix.columns,
    elements: matrix.elements.slice(
      rows.lowerBound * matrix.columns..<rows.upperBound * matrix.columns))
}

private func dot(_ a: Matrix<Double>, _ i: Int, _ b: Matrix<Double>, _ k: Int) -> Double {
  let (x, y) = (a.row(i), b.row(k))
  var sum = 0.0
  for j in 0..<a.columns { sum += x[j] * y[j] }
  return sum
}

private func squaredLength(_ a: Matrix<Double>, _ i: Int) -> Double { dot(a, i, a, i) }

/// Copies rows into `target`, from its row `position` on.
private func copyRows(
  of source: Matrix<Double>, _ rows: Range<Int>, to target: inout Matrix<Double>, at position: Int
) {
  let n = source.columns
  let from = source.elements.span
  var out = target.elements.mutableSpan
  let shift = (position - rows.lowerBound) * n
  for j in rows.lowerBound * n..<rows.upperBound * n { out[shift + j] = from[j] }
}

/// a ← a − b.
private func subtract(_ b: Matrix<Double>, from a: inout Matrix<Double>) {
  let source = b.elements.span
  var out = a.elements.mutableSpan
  for j in source.indices { out[j] -= source[j] }
}
