import CKernels
import COpenBLAS

/// Puts OpenBLAS on one thread: the products are split over our own threads, so that their bits do not depend on how many there are.
package let singleThreadedBLAS: Void = openblas_set_num_threads(1)

private func order(_ transpose: Bool) -> CBLAS_TRANSPOSE { transpose ? CblasTrans : CblasNoTrans }

extension Float: Real {
  @unsafe package static func blasGemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Float,
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int, _ beta: Float,
    _ c: UnsafeMutablePointer<Float>, _ ldc: Int
  ) {
    _ = singleThreadedBLAS
    // SAFETY: the caller vouches for shapes and strides.
    unsafe cblas_sgemm(
      CblasRowMajor, order(transposeA), order(transposeB), Int32(m), Int32(n), Int32(k), alpha, a,
      Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
  }

  @unsafe package static func lapackSymmetricEigen(
    _ n: Int, _ a: UnsafeMutablePointer<Float>, _ eigenvalues: UnsafeMutablePointer<Float>
  ) -> Int {
    _ = singleThreadedBLAS
    var (size, status, lwork, liwork) = (Int32(n), Int32(0), Int32(-1), Int32(-1))
    var (work, iwork) = ([Float(0)], [Int32(0)])
    // SAFETY: LAPACK reports the work space that it needs on the first call and gets it on the second.
    unsafe ssyevd_("V", "U", &size, a, &size, eigenvalues, &work, &lwork, &iwork, &liwork, &status)
    lwork = Int32(work[0])
    liwork = iwork[0]
    work = Array(repeating: 0, count: Int(lwork))
    iwork = Array(repeating: 0, count: Int(liwork))
    unsafe ssyevd_("V", "U", &size, a, &size, eigenvalues, &work, &lwork, &iwork, &liwork, &status)
    return Int(status)
  }

  @unsafe package static func sparseProduct(
    _ rows: Range<Int>, _ columns: Int, _ indptr: UnsafePointer<Int>,
    _ indices: UnsafePointer<Int32>, _ values: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ ldb: Int, _ out: UnsafeMutablePointer<Float>, _ ldo: Int, _ accumulate: Bool
  ) {
    // SAFETY: the caller vouches for the structure (`SparseMatrix`) and the shapes.
    unsafe sc_spmm_f32(
      rows.lowerBound, rows.upperBound, columns, indptr, indices, values, b, ldb, out, ldo,
      accumulate)
  }
}

extension Double: Real {
  @unsafe package static func blasGemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Double,
    _ a: UnsafePointer<Double>, _ lda: Int, _ b: UnsafePointer<Double>, _ ldb: Int, _ beta: Double,
    _ c: UnsafeMutablePointer<Double>, _ ldc: Int
  ) {
    _ = singleThreadedBLAS
    // SAFETY: the caller vouches for shapes and strides.
    unsafe cblas_dgemm(
      CblasRowMajor, order(transposeA), order(transposeB), Int32(m), Int32(n), Int32(k), alpha, a,
      Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
  }

  @unsafe package static func lapackSymmetricEigen(
    _ n: Int, _ a: UnsafeMutablePointer<Double>, _ eigenvalues: UnsafeMutablePointer<Double>
  ) -> Int {
    _ = singleThreadedBLAS
    var (size, status, lwork, liwork) = (Int32(n), Int32(0), Int32(-1), Int32(-1))
    var (work, iwork) = ([Double(0)], [Int32(0)])
    // SAFETY: LAPACK reports the work space that it needs on the first call and gets it on the second.
    unsafe dsyevd_("V", "U", &size, a, &size, eigenvalues, &work, &lwork, &iwork, &liwork, &status)
    lwork = Int32(work[0])
    liwork = iwork[0]
    work = Array(repeating: 0, count: Int(lwork))
    iwork = Array(repeating: 0, count: Int(liwork))
    unsafe dsyevd_("V", "U", &size, a, &size, eigenvalues, &work, &lwork, &iwork, &liwork, &status)
    return Int(status)
  }

  @unsafe package static func sparseProduct(
    _ rows: Range<Int>, _ columns: Int, _ indptr: UnsafePointer<Int>,
    _ indices: UnsafePointer<Int32>, _ values: UnsafePointer<Double>, _ b: UnsafePointer<Double>,
    _ ldb: Int, _ out: UnsafeMutablePointer<Double>, _ ldo: Int, _ accumulate: Bool
  ) {
    // SAFETY: the caller vouches for the structure (`SparseMatrix`) and the shapes.
    unsafe sc_spmm_f64(
      rows.lowerBound, rows.upperBound, columns, indptr, indices, values, b, ldb, out, ldo,
      accumulate)
  }
}
