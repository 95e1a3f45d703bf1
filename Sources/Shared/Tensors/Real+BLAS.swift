import COpenBLAS

/// Sets OpenBLAS to one thread. Products are split over this project's threads, so that their bits
/// do not depend on the number of threads.
package let singleThreadedBLAS: Void = openblas_set_num_threads(1)

private func order(_ transpose: Bool) -> CBLAS_TRANSPOSE { transpose ? CblasTrans : CblasNoTrans }

/// Calls a routine of LAPACK for an n × n matrix twice: first for the size of its work space, then
/// with it. Returns its status.
@unsafe private func workingTwice<S: Real>(
  _ n: Int,
  _ routine: (
    _ size: UnsafeMutablePointer<Int32>, _ work: UnsafeMutablePointer<S>,
    _ workSize: UnsafeMutablePointer<Int32>, _ integers: UnsafeMutablePointer<Int32>,
    _ integerCount: UnsafeMutablePointer<Int32>, _ status: UnsafeMutablePointer<Int32>
  ) -> Void
) -> Int {
  _ = singleThreadedBLAS
  var (size, status, workSize, integerCount) = (Int32(n), Int32(0), Int32(-1), Int32(-1))
  var work = Buffer<S>(repeating: 0, count: 1)
  var integers = Buffer<Int32>(repeating: 0, count: 1)
  // SAFETY: with −1 for both sizes the routine writes one number to each.
  unsafe routine(
    &size, work.mutablePointer(), &workSize, integers.mutablePointer(), &integerCount, &status)
  (workSize, integerCount) = (Int32(work[0]), integers[0])
  work = Buffer(repeating: 0, count: Int(workSize))
  integers = Buffer(repeating: 0, count: Int(integerCount))
  // SAFETY: the sizes are now those of the buffers.
  unsafe routine(
    &size, work.mutablePointer(), &workSize, integers.mutablePointer(), &integerCount, &status)
  return Int(status)
}

extension Float: Real {
  @unsafe package static func blasGemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Float,
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int, _ beta: Float,
    _ c: UnsafeMutablePointer<Float>, _ ldc: Int
  ) {
    _ = singleThreadedBLAS
    // SAFETY: the caller guarantees shapes and strides.
    unsafe cblas_sgemm(
      CblasRowMajor, order(transposeA), order(transposeB), Int32(m), Int32(n), Int32(k), alpha, a,
      Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
  }

  @unsafe package static func lapackSymmetricEigen(
    _ n: Int, _ a: UnsafeMutablePointer<Float>, _ eigenvalues: UnsafeMutablePointer<Float>
  ) -> Int {
    unsafe workingTwice(n) { size, work, lwork, iwork, liwork, status in
      // SAFETY: the caller guarantees `a` and `eigenvalues`.
      unsafe ssyevd_(
        "V", "U", size, a, size, eigenvalues, work, lwork, iwork, liwork, status)
    }
  }
}

extension Double: Real {
  @unsafe package static func blasGemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Double,
    _ a: UnsafePointer<Double>, _ lda: Int, _ b: UnsafePointer<Double>, _ ldb: Int, _ beta: Double,
    _ c: UnsafeMutablePointer<Double>, _ ldc: Int
  ) {
    _ = singleThreadedBLAS
    // SAFETY: the caller guarantees shapes and strides.
    unsafe cblas_dgemm(
      CblasRowMajor, order(transposeA), order(transposeB), Int32(m), Int32(n), Int32(k), alpha, a,
      Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
  }

  @unsafe package static func lapackSymmetricEigen(
    _ n: Int, _ a: UnsafeMutablePointer<Double>, _ eigenvalues: UnsafeMutablePointer<Double>
  ) -> Int {
    unsafe workingTwice(n) { size, work, lwork, iwork, liwork, status in
      // SAFETY: the caller guarantees `a` and `eigenvalues`.
      unsafe dsyevd_(
        "V", "U", size, a, size, eigenvalues, work, lwork, iwork, liwork, status)
    }
  }
}
