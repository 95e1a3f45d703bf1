// Matrix products. The rows of the result are cut into blocks of 256, computed apart, each by a single-threaded call of
// BLAS: the same bits for any number of threads, which OpenBLAS's own threads do not give.

/// Rows of the result that one task computes.
private let rowBlock = 256

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
  let (m, k) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
  let (inner, n) = transposeB ? (b.columns, b.rows) : (b.rows, b.columns)
  precondition(
    k == inner && c.rows == m && c.columns == n,
    "product of (\(m), \(k)) and (\(inner), \(n)) into (\(c.rows), \(c.columns))")
  if m == 0 || n == 0 { return }
  // SAFETY: shapes are checked above; c is made unique, so it overlaps neither a nor b; blocks are disjoint rows of c.
  let left = unsafe SharedConstPointer(a.elements.pointer)
  let right = unsafe SharedConstPointer(b.elements.pointer)
  let out = unsafe SharedPointer(c.elements.mutablePointer())
  let (lda, ldb) = (Swift.max(1, a.columns), Swift.max(1, b.columns))
  parallelTiles(tileCount(m, of: rowBlock)) { number in
    let rows = tile(number, of: rowBlock, in: m)
    let offset = transposeA ? rows.lowerBound : rows.lowerBound * lda
    unsafe Element.blasGemm(
      transposeA, transposeB, rows.count, n, k, 1, left.pointer + offset, lda, right.pointer, ldb,
      accumulating ? 1 : 0, out.pointer + rows.lowerBound * n, n)
  }
}

/// c ← a · b + (accumulating ? c : 0) for sparse a. (m, k) (k, n) → (m, n)
package func multiply<Element: Real>(
  _ a: SparseMatrix<Element>, _ b: Matrix<Element>, accumulating: Bool = false,
  into c: inout Matrix<Element>
) {
  precondition(
    a.columns == b.rows && c.rows == a.rows && c.columns == b.columns,
    "sparse product of (\(a.rows), \(a.columns)) and (\(b.rows), \(b.columns)) into (\(c.rows), \(c.columns))"
  )
  // SAFETY: shapes are checked above; a's structure is that of every SparseMatrix; tiles are disjoint rows of c.
  let starts = unsafe SharedConstPointer(a.indptr.pointer)
  let indices = unsafe SharedConstPointer(a.indices.pointer)
  let values = unsafe SharedConstPointer(a.values.pointer)
  let right = unsafe SharedConstPointer(b.elements.pointer)
  let out = unsafe SharedPointer(c.elements.mutablePointer())
  let (rows, n) = (a.rows, b.columns)
  parallelTiles(tileCount(rows, of: 128)) { number in
    unsafe Element.sparseProduct(
      tile(number, of: 128, in: rows), n, starts.pointer, indices.pointer, values.pointer,
      right.pointer, n, out.pointer, n, accumulating)
  }
}
