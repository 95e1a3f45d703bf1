// Products of a sparse matrix in single precision with sums in Double, without a copy of its
// values.

import CKernels

extension SparseMatrix where Element == Float {
  /// A block of cells passes all tiles of the Gram matrix while it is in the cache.
  private static var cellBlock: Int { 8192 }
  /// Rows of the Gram matrix that one task sums.
  private static var geneTile: Int { 32 }

  /// SᵀS. (columns, columns)
  ///
  /// Costs half the sum of the squared row lengths. The order of all sums is that of the rows.
  package func gram() -> Matrix<Double> {
    var result = Matrix<Double>.zeros(columns, columns)
    let (n, size) = (columns, Self.geneTile)
    // SAFETY: tiles are disjoint rows of the result; structure and shape are those of every
    // SparseMatrix.
    let out = unsafe SharedPointer(result.elements.mutablePointer())
    let starts = unsafe SharedConstPointer(indptr.pointer)
    let columnOf = unsafe SharedConstPointer(indices.pointer)
    let value = unsafe SharedConstPointer(values.pointer)
    for number in 0..<tileCount(rows, of: Self.cellBlock) {
      let cells = tile(number, of: Self.cellBlock, in: rows)
      parallelTiles(tileCount(n, of: size)) { number in
        let genes = tile(number, of: size, in: n)
        unsafe sc_gram_f32(
          cells.lowerBound, cells.upperBound, genes.lowerBound, genes.upperBound, n, starts.pointer,
          columnOf.pointer, value.pointer, out.pointer + genes.lowerBound * n)
      }
    }
    // SAFETY: the lower half is written, the upper half read.
    parallelTiles(tileCount(n, of: size)) { number in
      let lower = tile(number, of: size, in: n)
      for block in 0...number {
        for a in lower {
          for b in tile(block, of: size, in: n) where b < a {
            unsafe out.pointer[a * n + b] = out.pointer[b * n + a]
          }
        }
      }
    }
    return result
  }
}

/// c ← a[rows, :] · b for sparse a. (rows.count, k) (k, n) → (rows.count, n)
package func multiply(
  _ a: SparseMatrix<Float>, rows: Range<Int>, _ b: Matrix<Double>, into c: inout Matrix<Double>
) {
  precondition(
    a.columns == b.rows && c.rows == rows.count && c.columns == b.columns && rows.lowerBound >= 0
      && rows.upperBound <= a.rows,
    "sparse product of rows \(rows) of (\(a.rows), \(a.columns)) and (\(b.rows), \(b.columns)) into (\(c.rows), \(c.columns))"
  )
  // SAFETY: shapes are checked above; a's structure is that of every SparseMatrix; tiles are
  // disjoint rows of c.
  let starts = unsafe SharedConstPointer(a.indptr.pointer + rows.lowerBound)
  let columnOf = unsafe SharedConstPointer(a.indices.pointer)
  let value = unsafe SharedConstPointer(a.values.pointer)
  let other = unsafe SharedConstPointer(b.elements.pointer)
  let out = unsafe SharedPointer(c.elements.mutablePointer())
  let (count, n) = (rows.count, b.columns)
  parallelTiles(tileCount(count, of: 128)) { number in
    let part = tile(number, of: 128, in: count)
    unsafe sc_spmm_f32_f64(
      part.lowerBound, part.upperBound, n, starts.pointer, columnOf.pointer, value.pointer,
      other.pointer, n, out.pointer, n, false)
  }
}
