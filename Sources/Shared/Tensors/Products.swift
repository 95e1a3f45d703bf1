// Matrix products. The result is cut into blocks, computed apart, each by a single-threaded call of BLAS: the same bits for
// any number of threads, which OpenBLAS's own threads do not give.

/// Rows of the result that one task computes, and columns where there are few rows.
private let rowBlock = 256
private let columnBlock = 256

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
  let rowTiles = tileCount(m, of: rowBlock)
  let columnTiles = rowTiles < 8 ? tileCount(n, of: columnBlock) : 1
  let width = columnTiles == 1 ? n : columnBlock
  // SAFETY: shapes are checked above; blocks of c are disjoint and inside it.
  parallelTiles(rowTiles * columnTiles) { number in
    let rows = tile(number / columnTiles, of: rowBlock, in: m)
    let columns = tile(number % columnTiles, of: width, in: n)
    let offsetA = transposeA ? rows.lowerBound : rows.lowerBound * lda
    let offsetB = transposeB ? columns.lowerBound * ldb : columns.lowerBound
    unsafe Element.blasGemm(
      transposeA, transposeB, rows.count, columns.count, k, 1, a.pointer + offsetA, lda,
      b.pointer + offsetB, ldb, accumulating ? 1 : 0,
      c.pointer + rows.lowerBound * n + columns.lowerBound, n)
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
  // SAFETY: shapes are checked above; a's structure is that of every SparseMatrix; tiles are disjoint rows of c.
  let starts = unsafe SharedConstPointer(a.indptr.pointer)
  let indices = unsafe SharedConstPointer(a.indices.pointer)
  let values = unsafe SharedConstPointer(a.values.pointer)
  let (rows, n) = (a.rows, b.columns)
  parallelTiles(tileCount(rows, of: 128)) { number in
    unsafe Element.sparseProduct(
      tile(number, of: 128, in: rows), n, starts.pointer, indices.pointer, values.pointer,
      b.pointer, n, c.pointer, n, accumulating)
  }
}
