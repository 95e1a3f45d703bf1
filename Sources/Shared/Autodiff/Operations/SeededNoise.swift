// Random numbers that are a function of key, row and column. A row gets the same numbers in
// whatever order rows are computed (CKernels/noise.h).

import Tensors

/// Identifies one matrix of random numbers.
package struct NoiseKey: Sendable, Equatable {
  package let seed: UInt64
  /// The number of the matrix among those of that seed.
  package let stream: UInt64

  package init(seed: UInt64, stream: UInt64) {
    self.seed = seed
    self.stream = stream
  }

  /// The key of a part of this matrix's computation, such as one layer of a step.
  package func part(_ number: UInt64) -> NoiseKey {
    NoiseKey(seed: seed.stream(.noisePart, Int(number)), stream: stream)
  }
}

/// x ← x + σ n with n standard normal; one key gives the same numbers at every call. (N, D)
package func addNormalNoise<S: EngineScalar>(_ sigma: Double, key: NoiseKey, to x: Window<S>) {
  if sigma == 0 { return }
  let size = 32
  parallelTiles(tileCount(x.rows, of: size)) { number in
    let rows = tile(number, of: size, in: x.rows)
    // SAFETY: tiles are disjoint rows of x.
    unsafe S.kernels.addNormals(
      rows.count, x.columns, rows.lowerBound, key.seed, key.stream, S(sigma),
      x.slice(rows: rows).pointer)
  }
}
