import COpenBLAS

/// Float or Double: the two precisions of every computation, each with its BLAS. Training runs in
/// Float; the same code in Double is what gradients and reference values are checked with.
package protocol Real: BinaryFloatingPoint, BitwiseCopyable, Sendable
where RawSignificand: FixedWidthInteger {
  /// c ← alpha · op(a) op(b) + beta · c on one thread; op transposes where asked. Shapes (m, k) (k,
  /// n) → (m, n), row-major, with row strides `lda`, `ldb`, `ldc`. c must not overlap a or b.
  @unsafe static func blasGemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self,
    _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self,
    _ c: UnsafeMutablePointer<Self>, _ ldc: Int)

  /// Overwrites the symmetric n × n matrix `a` by its eigenvectors (one a row here), eigenvalues
  /// rising; LAPACK's status.
  @unsafe static func lapackSymmetricEigen(
    _ n: Int, _ a: UnsafeMutablePointer<Self>, _ eigenvalues: UnsafeMutablePointer<Self>
  ) -> Int

  /// The fused loops of CKernels in this precision.
  static var kernels: Kernels<Self> { get }
}
