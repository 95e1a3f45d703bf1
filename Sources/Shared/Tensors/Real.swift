import COpenBLAS

/// Float or Double: the two precisions of every computation, each with its BLAS. Training runs in
/// Float. Gradients and reference values are checked by the same code in Double.
package protocol Real: BinaryFloatingPoint, BitwiseCopyable, Sendable
where RawSignificand: FixedWidthInteger {
  /// c ← alpha · op(a) op(b) + beta · c on one thread; op transposes if asked. Shapes (m, k) (k, n)
  /// → (m, n), row-major, with row strides `lda`, `ldb`, `ldc`. c must not overlap a or b.
  @unsafe static func blasGemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self,
    _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self,
    _ c: UnsafeMutablePointer<Self>, _ ldc: Int)

  /// Overwrites the symmetric n × n matrix `a` by its eigenvectors, one in each row, by rising
  /// eigenvalue. Returns LAPACK's status.
  @unsafe static func lapackSymmetricEigen(
    _ n: Int, _ a: UnsafeMutablePointer<Self>, _ eigenvalues: UnsafeMutablePointer<Self>
  ) -> Int

  /// The fused loops of CKernels in this precision.
  static var kernels: Kernels<Self> { get }
}
