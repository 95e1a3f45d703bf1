// Matrix products. The result is cut into blocks, and each block is one call of single-threaded
// BLAS. So the bits are the same for any number of threads, unlike those of OpenBLAS's threads.

/// How a product (m, k) (k, n) is cut, by its shape alone.
private struct Blocking {
  /// Rows and columns of the result that one task computes.
  var rows = 256
  var columns: Int
  /// Terms of a sum that one task adds. If there are several pieces, their sums are added in order.
  var terms: Int

  init(_ m: Int, _ n: Int, _ k: Int) {
    (columns, terms) = (tileCount(m, of: rows) < 8 ? Swift.min(n, 256) : n, Swift.max(1, k))
    let tasks = tileCount(m, of: rows) * tileCount(n, of: columns)
    // A small result is cut into smaller blocks if the work is enough for several tasks. Long sums
    // are cut first, since nothing is read twice; otherwise a side is cut.
    guard tasks < 8 && m * n * k >= 1 << 22 else { return }
    if m >= 512 && k < 2048 {
      rows = 128
    } else if tasks >= 4 {
      return
    } else if k >= 2048 {
      terms = Swift.max(1024, (k + 7) / 8)
    } else if n >= 256 {
      columns = 128
    } else if m >= 256 {
      rows = 128
    }
  }
}

extension Matrix where Element: Real {
  /// op(a) · op(b), where op transposes if asked. (m, k) (k, n) → (m, n)
  package static func product(
    _ a: Matrix, _ b: Matrix, transposeA: Bool = false, transposeB: Bool = false
  ) -> Matrix {
    var result = Matrix(
      uninitializedRows: transposeA ? a.columns : a.rows,
      columns: transposeB ? b.rows : b.columns)
    multiply(a, b, transposeA: transposeA, transposeB: transposeB, into: &result)
    return result
  }
}

/// c ← op(a) · op(b) + (accumulating ? c : 0). (m, k) (k, n) → (m, n)
package func multiply<Element: Real>(
  _ a: Matrix<Element>, _ b: Matrix<Element>, transposeA: Bool = false, transposeB: Bool = false,
  accumulating: Bool = false, into c: inout Matrix<Element>
) {
  multiply(
    Window(reading: a), Window(reading: b), transposeA: transposeA, transposeB: transposeB,
    accumulating: accumulating, into: Window(writing: &c))
}

/// c ← op(a) · op(b) + (accumulating ? c : 0). (m, k) (k, n) → (m, n); c must not overlap a or b.
package func multiply<Element: Real>(
  _ a: Window<Element>, _ b: Window<Element>, transposeA: Bool = false, transposeB: Bool = false,
  accumulating: Bool = false, into c: Window<Element>
) {
  let (m, k) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
  let (inner, n) = transposeB ? (b.columns, b.rows) : (b.rows, b.columns)
  precondition(
    k == inner && c.rows == m && c.columns == n,
    "product of (\(m), \(k)) and (\(inner), \(n)) into (\(c.rows), \(c.columns))")
  if m == 0 || n == 0 { return }
  let (lda, ldb) = (Swift.max(1, a.columns), Swift.max(1, b.columns))
  let blocking = Blocking(m, n, k)
  let columnTiles = tileCount(n, of: blocking.columns)
  let blocks = tileCount(m, of: blocking.rows) * columnTiles
  let pieces = Swift.max(1, tileCount(k, of: blocking.terms))
  let sums = pieces == 1 ? c : Window<Element>(uninitializedRows: pieces * m, columns: n)
  let adds = accumulating && pieces == 1
  // SAFETY: shapes are checked above; blocks of the result, or of the sums of a piece, are disjoint
  // and inside it.
  parallelTiles(blocks * pieces) { number in
    let (piece, block) = (number / blocks, number % blocks)
    let rows = tile(block / columnTiles, of: blocking.rows, in: m)
    let columns = tile(block % columnTiles, of: blocking.columns, in: n)
    let terms = tile(piece, of: blocking.terms, in: k)
    let offsetA =
      transposeA
      ? rows.lowerBound + terms.lowerBound * lda : rows.lowerBound * lda + terms.lowerBound
    let offsetB =
      transposeB
      ? columns.lowerBound * ldb + terms.lowerBound : columns.lowerBound + terms.lowerBound * ldb
    unsafe Element.blasGemm(
      transposeA, transposeB, rows.count, columns.count, terms.count, 1, a.pointer + offsetA, lda,
      b.pointer + offsetB, ldb, adds ? 1 : 0,
      sums.pointer + (piece * m + rows.lowerBound) * n + columns.lowerBound, n)
  }
  if pieces > 1 { add(sums, pieces: pieces, accumulating: accumulating, into: c) }
}

/// c ← the sum of the pieces in `sums`, in their order, + (accumulating ? c : 0).
@specialized(where Element == Float)
@specialized(where Element == Double)
private func add<Element: Real>(
  _ sums: Window<Element>, pieces: Int, accumulating: Bool, into c: Window<Element>
) {
  let count = c.count
  // SAFETY: every tile writes its own elements; `sums` holds `pieces` times as many as `c`.
  parallelTiles(tileCount(count, of: 4096)) { number in
    for i in tile(number, of: 4096, in: count) {
      var total = accumulating ? unsafe c.pointer[i] : 0
      for piece in 0..<pieces { total += unsafe sums.pointer[piece * count + i] }
      unsafe c.pointer[i] = total
    }
  }
}

/// c ← a · b + (accumulating ? c : 0) for sparse a. (m, k) (k, n) → (m, n)
package func multiply<Element: Real>(
  _ a: SparseMatrix<Element>, _ b: Matrix<Element>, accumulating: Bool = false,
  into c: inout Matrix<Element>
) {
  multiply(a, Window(reading: b), accumulating: accumulating, into: Window(writing: &c))
}

/// c ← a · b + (accumulating ? c : 0) for sparse a. (m, k) (k, n) → (m, n); c must not overlap b.
package func multiply<Element: Real>(
  _ a: SparseMatrix<Element>, _ b: Window<Element>, accumulating: Bool = false,
  into c: Window<Element>
) {
  precondition(
    a.columns == b.rows && c.rows == a.rows && c.columns == b.columns,
    "sparse product of (\(a.rows), \(a.columns)) and (\(b.rows), \(b.columns)) into (\(c.rows), \(c.columns))"
  )
  // SAFETY: shapes are checked above; a's structure is that of every SparseMatrix; tiles are
  // disjoint rows of c.
  let starts = unsafe SharedConstPointer(a.indptr.pointer)
  let indices = unsafe SharedConstPointer(a.indices.pointer)
  let values = unsafe SharedConstPointer(a.values.pointer)
  let (rows, n) = (a.rows, b.columns)
  parallelTiles(tileCount(rows, of: 128)) { number in
    let part = tile(number, of: 128, in: rows)
    unsafe Element.kernels.spmm(
      part.lowerBound, part.upperBound, n, starts.pointer, indices.pointer, values.pointer,
      b.pointer, n, c.pointer, n, accumulating)
  }
}
