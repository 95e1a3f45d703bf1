// Random numbers that are a function of key, row and column: whoever computes a row, in whatever order, gets the same (CKernels/noise.h).

import Tensors

/// Names one matrix of random numbers.
package struct NoiseKey: Sendable, Equatable {
  package let seed: UInt64
  /// Which of the matrices of that seed.
  package let stream: UInt64

  package init(seed: UInt64, stream: UInt64) {
    self.seed = seed
    self.stream = stream
  }

  /// The key of a part of what this one names, such as one layer of a step.
  package func part(_ number: UInt64) -> NoiseKey {
    var mixed = RandomGenerator(seed: seed ^ (number &* 0x9E37_79B9_7F4A_7C15), stream: number)
    return NoiseKey(seed: mixed.next(), stream: stream)
  }
}

/// x ← x + σ n with n standard normal, the same for one key at every call. (N, D)
package func addNormalNoise<S: EngineScalar>(_ sigma: Double, key: NoiseKey, to x: Window<S>) {
  if sigma == 0 { return }
  let size = 32
  parallelTiles(tileCount(x.rows, of: size)) { number in
    let rows = tile(number, of: size, in: x.rows)
    // SAFETY: tiles are disjoint rows of x.
    unsafe S.kernels.batch.addNormals(
      rows.count, x.columns, rows.lowerBound, key.seed, key.stream, S(sigma),
      x.slice(rows: rows).pointer)
  }
}

private struct SeededDropout<S: EngineScalar>: Operation {
  let input: Variable<S>
  let mask: Window<S>
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output), let sink = tape.sink(for: input) else { return }
    // SAFETY: all windows have the shape of the output.
    unsafe S.kernels.multiply(
      mask.count, outer.pointer, mask.pointer, sink.window.pointer, sink.accumulates)
  }
}

extension Tape {
  /// 0 with probability `rate` (below 1), 1 / (1 − rate) otherwise. (rows, columns)
  func dropoutMask(rows: Int, columns: Int, rate: Double, key: NoiseKey) -> Window<S> {
    precondition(rate >= 0 && rate < 1, "dropout rate \(rate)")
    let mask = workspace.window(rows: rows, columns: columns)
    // SAFETY: the mask holds rows × columns elements.
    unsafe S.kernels.batch.dropoutMask(
      rows, columns, 0, key.seed, key.stream, S(rate), mask.pointer)
    return mask
  }

  /// Drops each element with probability `rate` and scales the others up, by the numbers that the key names. (N, D) → (N, D)
  package func dropout(_ x: Variable<S>, rate: Double, key: NoiseKey) -> Variable<S> {
    let mask = dropoutMask(rows: x.rows, columns: x.columns, rate: rate, key: key)
    let output = result(rows: x.rows, columns: x.columns)
    // SAFETY: all windows have the shape of x.
    unsafe S.kernels.multiply(
      mask.count, x.value.pointer, mask.pointer, output.value.pointer, false)
    record(SeededDropout(input: x, mask: mask, output: output))
    return output
  }
}
