import Autodiff
import NeuralNetworks
import Tensors

/// A batch of cells of one measurement, in memory that serves all batches.
struct MeasurementBatch<S: EngineScalar> {
  let measurement: Measurement<S>
  private let sparse: StandardizedRows<S>?
  private let counts: CountRows<S>?
  /// The counts to be explained, where there are counts.
  private(set) var target: CountTarget<S>?
  private var rows: ArraySlice<Int> = []

  init(of measurement: Measurement<S>) {
    self.measurement = measurement
    if case .sparse(let source) = measurement.input {
      sparse = StandardizedRows(of: source)
    } else {
      sparse = nil
    }
    if case .counts(let source) = measurement.target {
      counts = CountRows(of: source)
    } else {
      counts = nil
    }
  }

  /// Takes the rows named; targets only where they are wanted. Nothing of the last batch may be in use.
  mutating func take(_ rows: ArraySlice<Int>, withTargets: Bool) {
    self.rows = rows
    if case .sparse(let source) = measurement.input { sparse?.take(rows, of: source) }
    target = nil
    if withTargets, case .counts(let source) = measurement.target {
      target = counts?.take(rows, of: source)
    }
  }

  /// X, densely. (B, G)
  func dense(on tape: Tape<S>) -> Window<S> {
    let window = tape.workspace.window(rows: rows.count, columns: measurement.inputCount)
    switch measurement.input {
    case .sparse: sparse?.spread(into: window)
    case .dense(let matrix): takeRows(rows, of: matrix, into: window)
    case .hops(let products):
      products.rows(Buffer(rows.map { Int32(truncatingIfNeeded: $0) }), into: window)
    }
    return window
  }

  /// The first layer of X, or of X + σ n where the noise is named. (B, G) → (B, E)
  func encoded(
    by layer: NormalizedDense<S>, noise: (sigma: Double, key: NoiseKey)?, mode: NormalizationMode,
    on tape: Tape<S>
  ) -> Variable<S> {
    if noise == nil, let sparse { return layer(sparse, mode: mode, on: tape) }
    let window = dense(on: tape)
    if let noise { addNormalNoise(noise.sigma, key: noise.key, to: window) }
    return layer(tape.constant(window), mode: mode, on: tape)
  }
}

/// A batch of cells of both measurements.
package final class PairedBatch<S: EngineScalar> {
  let order: [Int]
  var rna: MeasurementBatch<S>
  var second: MeasurementBatch<S>?

  package init(of data: PairedData<S>) {
    order = data.order
    rna = MeasurementBatch(of: data.rna)
    second = data.second.map { MeasurementBatch(of: $0) }
  }

  /// Makes the first of these batches ready, and others with it where that costs less than it would later.
  func prepare(_ batches: some Sequence<ArraySlice<Int>>) {
    if case .hops(let products) = rna.measurement.input {
      products.prepare(
        batches.lazy.map { [order] positions in
          Buffer(positions.map { Int32(truncatingIfNeeded: order[$0]) })
        })
    }
  }

  /// Takes the cells at these positions of the order of work. The tape's last step must have been reset before.
  package func take(_ positions: ArraySlice<Int>, withTargets: Bool) {
    let rows = positions.map { order[$0] }[...]
    rna.take(rows, withTargets: withTargets)
    second?.take(rows, withTargets: withTargets)
  }
}

/// The batches of one epoch: all of 0..<count in an order drawn anew, in runs of equal length but for one, at most `size` long.
///
/// The longer runs come first, so that the memory of a step is taken once. The order is a function of seed and epoch.
package func shuffledBatches(_ count: Int, size: Int, seed: UInt64, epoch: Int)
  -> [ArraySlice<Int>]
{
  precondition(size > 0, "batches of \(size)")
  var generator = RandomGenerator(seed: seed, stream: UInt64(epoch))
  let order = generator.permutation(count)
  let batches = max(1, tileCount(count, of: size))
  let (length, longer) = (count / batches, count % batches)
  var begin = 0
  return (0..<batches).map { number in
    let end = begin + length + (number < longer ? 1 : 0)
    defer { begin = end }
    return order[begin..<end]
  }
}
