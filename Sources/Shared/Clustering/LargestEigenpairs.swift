// The thin wrapper around ARPACK (Lehoucq, Sorensen and Yang 1998): implicitly restarted Lanczos by
// reverse communication. ARPACK keeps state between calls in static variables, so only one
// computation runs at a time.

import CARPACK
import Synchronization
import Tensors

/// The algebraically largest eigenvalues of a symmetric operator on n-vectors, falling, with their
/// eigenvectors.
struct LargestEigenpairs {
  /// The eigenvalues found, falling.
  let values: [Double]
  /// One unit eigenvector in each row, its largest component (the first of equals) positive.
  /// (count, n)
  let vectors: Matrix<Double>

  private static let lock = Mutex<Void>(())

  /// Finds `count` pairs of the operator y ← A x, given as `apply(x, &y)` on (n, 1) matrices.
  /// `seed` determines the random start.
  ///
  /// Needs count < n. If the restarts do not suffice, it tries twice again with more Lanczos
  /// vectors. Then it throws `ClusteringFault.notConverged`.
  static func find(
    count: Int, size n: Int, seed: UInt64, tolerance: Double = 1e-10,
    apply: (Matrix<Double>, inout Matrix<Double>) -> Void
  ) throws(ClusteringFault) -> LargestEigenpairs {
    precondition(count > 0 && count < n, "\(count) eigenpairs of an operator of size \(n)")
    _ = singleThreadedBLAS
    var found = 0
    for factor in [2, 4, 8] {
      let basis = min(n, max(factor * count + 1, 20 * factor / 2))
      let attempt = lock.withLock { _ in
        var lanczos = Lanczos(count: count, size: n, basis: basis, seed: seed, tolerance: tolerance)
        return lanczos.run(apply)
      }
      switch attempt {
      case .success(let pairs): return pairs
      case .failure(let shortage): found = max(found, shortage.found)
      }
    }
    throw .notConverged(wanted: count, found: found)
  }
}

/// The number of pairs that had converged when ARPACK stopped.
private struct Shortage: Error {
  let found: Int
}

/// The work space of one run of dsaupd and dseupd.
private struct Lanczos {
  let count: Int
  let size: Int
  let basis: Int
  let tolerance: Double
  var residual: Buffer<Double>  // (n)
  var vectors: Buffer<Double>  // (basis, n): each Lanczos vector contiguous
  var exchange: Buffer<Double>  // (3 n): x is read from it and y written to it
  var work: Buffer<Double>  // (basis² + 8 basis)
  var parameters = Buffer<Int32>([1, 0, 1000, 1, 0, 0, 1, 0, 0, 0, 0])
  var pointers = Buffer<Int32>(repeating: 0, count: 14)

  init(count: Int, size: Int, basis: Int, seed: UInt64, tolerance: Double) {
    var generator = RandomGenerator(seed: seed.stream(.eigenvectors))
    self.count = count
    self.size = size
    self.basis = basis
    self.tolerance = tolerance
    residual = Buffer((0..<size).map { _ in generator.normal() })
    vectors = Buffer(repeating: 0, count: basis * size)
    exchange = Buffer(repeating: 0, count: 3 * size)
    work = Buffer(repeating: 0, count: basis * (basis + 8))
  }

  mutating func run(_ apply: (Matrix<Double>, inout Matrix<Double>) -> Void) -> Result<
    LargestEigenpairs, Shortage
  > {
    var (x, y) = (Matrix<Double>.zeros(size, 1), Matrix<Double>.zeros(size, 1))
    var (action, status) = (Int32(0), Int32(1))
    while true {
      iterate(&action, &status)
      guard action == 1 || action == -1 else { break }
      let (from, to) = (Int(pointers[0]) - 1, Int(pointers[1]) - 1)
      copy(exchange.span, from: from, into: &x.elements, at: 0, count: size)
      apply(x, &y)
      copy(y.elements.span, from: 0, into: &exchange, at: to, count: size)
    }
    guard status == 0 else { return .failure(Shortage(found: max(0, Int(parameters[4])))) }
    return extract()
  }

  /// One step of dsaupd.
  private mutating func iterate(_ action: inout Int32, _ status: inout Int32) {
    var (n, wanted, basisSize) = (Int32(size), Int32(count), Int32(basis))
    var (precision, workSize) = (tolerance, Int32(work.count))
    // SAFETY: every array has the length that ARPACK's manual requires (see the properties); ARPACK
    // keeps no pointer.
    unsafe dsaupd_(
      &action, "I", &n, "LA", &wanted, &precision, residual.mutablePointer(), &basisSize,
      vectors.mutablePointer(), &n, parameters.mutablePointer(), pointers.mutablePointer(),
      exchange.mutablePointer(), work.mutablePointer(), &workSize, &status)
  }

  /// The eigenpairs of a converged run, which dseupd returns rising.
  private mutating func extract() -> Result<LargestEigenpairs, Shortage> {
    var (n, wanted, basisSize) = (Int32(size), Int32(count), Int32(basis))
    var (precision, workSize) = (tolerance, Int32(work.count))
    var (withVectors, shift, status) = (Int32(1), 0.0, Int32(0))
    var selected = Buffer<Int32>(repeating: 0, count: basis)
    var values = Buffer<Double>(repeating: 0, count: count)
    var result = Matrix<Double>.zeros(count, size)
    // SAFETY: as above; `result` holds count vectors of n, `selected` one flag for each Lanczos
    // vector.
    unsafe dseupd_(
      &withVectors, "A", selected.mutablePointer(), values.mutablePointer(),
      result.elements.mutablePointer(), &n, &shift, "I", &n, "LA", &wanted, &precision,
      residual.mutablePointer(), &basisSize, vectors.mutablePointer(), &n,
      parameters.mutablePointer(), pointers.mutablePointer(), exchange.mutablePointer(),
      work.mutablePointer(), &workSize, &status)
    guard status == 0, parameters[4] >= wanted else {
      return .failure(Shortage(found: max(0, Int(parameters[4]))))
    }
    let order = (0..<count).sorted { (values[$1], $0) < (values[$0], $1) }
    return .success(
      LargestEigenpairs(
        values: order.map { values[$0] },
        vectors: result.selectingRows(order).withPositivePeaks()))
  }
}

private func copy(
  _ source: Span<Double>, from first: Int, into target: inout Buffer<Double>, at start: Int,
  count: Int
) {
  var elements = target.mutableSpan
  for i in 0..<count { elements[start + i] = source[first + i] }
}
