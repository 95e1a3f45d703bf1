import Autodiff
import NeuralNetworks
import Tensors

/// A batch of cells of one measurement, in memory that all batches share.
package struct MeasurementBatch<S: EngineScalar> {
  package let measurement: Measurement<S>
  private let sparse: StandardizedRows<S>?
  private let counts: CountRows<S>?
  /// The counts that the model explains, if there are counts.
  package private(set) var target: CountTarget<S>?
  /// The batches of the cells, for decoders and encoders that read them. (B)
  package private(set) var covariate: BatchCovariate?
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

  /// Copies the rows `rows`, which belong to these batches, with targets only if needed. Nothing of
  /// the last batch may be in use.
  mutating func take(_ rows: ArraySlice<Int>, of covariate: BatchCovariate?, withTargets: Bool) {
    (self.rows, self.covariate) = (rows, covariate)
    if case .sparse(let source) = measurement.input { sparse?.take(rows, of: source) }
    target = nil
    if withTargets, case .counts(let source) = measurement.target {
      target = counts?.take(rows, of: source)
    }
  }

  /// X, densely. (B, G)
  package func dense(on tape: Tape<S>) -> Window<S> {
    let window = tape.workspace.window(rows: rows.count, columns: measurement.inputCount)
    switch measurement.input {
    case .sparse: sparse?.spread(into: window)
    case .dense(let matrix): takeRows(rows, of: matrix, into: window)
    case .hops(let products):
      products.rows(Buffer(rows.map { Int32(truncatingIfNeeded: $0) }), into: window)
    }
    return window
  }

  /// The first layer of X, or of X + σ n if a noise key is given, with a bias for every batch if it
  /// has such. (B, G) → (B, E)
  package func encoded(
    by layer: NormalizedDense<S>, noise: (sigma: Double, key: NoiseKey)?,
    batchBiases: Parameter? = nil, mode: NormalizationMode, on tape: Tape<S>
  ) -> Variable<S> {
    let sums = affine(
      kernel: tape.variable(layer.kernel), bias: tape.variable(layer.bias),
      noise: noise.map { named in { addNormalNoise(named.sigma, key: named.key, to: $0) } },
      on: tape)
    return layer.activated(tape.shifted(sums, by: batchBiases, of: covariate), mode, on: tape)
  }

  /// A first dense layer without rectifier, of X, or of X with the noise of `noise` added. (B, G) →
  /// (B, E)
  package func encoded(
    by layer: Dense, noise: ((Window<S>) -> Void)?, on tape: Tape<S>
  ) -> Variable<S> {
    affine(
      kernel: tape.variable(layer.kernel), bias: tape.variable(layer.bias), noise: noise, on: tape)
  }

  /// X W + b, of X or of X with the noise of `noise` added. (G, E) (1, E) → (B, E)
  package func affine(
    kernel: Variable<S>, bias: Variable<S>, noise: ((Window<S>) -> Void)?, on tape: Tape<S>
  ) -> Variable<S> {
    if noise == nil, let sparse { return tape.affine(sparse, kernel: kernel, bias: bias) }
    let window = dense(on: tape)
    noise?(window)
    return tape.affine(tape.constant(window), kernel: kernel, bias: bias, rectifying: false)
  }
}

/// A step on cells of both measurements, in memory that all steps share.
package final class PairedBatch<S: EngineScalar> {
  package private(set) var rna: MeasurementBatch<S>
  package private(set) var second: MeasurementBatch<S>?
  /// The key of the noise on the inputs; nil without noise.
  package var noise: NoiseKey?
  /// The step's place in the training.
  package var plan: StepPlan?
  /// The target distribution of the cells, for a model that has one. (B, K)
  package var targets: Window<S>?
  /// The batches of all cells. (N)
  private let batches: BatchCovariate?

  /// The batches of the cells of the step. (B)
  package var covariate: BatchCovariate? { rna.covariate }

  package init(of data: PairedData<S>) {
    batches = data.covariate
    rna = MeasurementBatch(of: data.rna)
    second = data.second.map { MeasurementBatch(of: $0) }
  }

  /// Prepares the first of these batches of rows, and others if they cost less together than later.
  package func prepare(_ batches: some Sequence<Buffer<Int32>>) {
    if case .hops(let products) = rna.measurement.input { products.prepare(batches) }
  }

  /// Copies the rows `rows`. The tape's last step must have been reset before.
  package func take(_ rows: [Int], withTargets: Bool) {
    let covariate = batches?.rows(Buffer(rows.map { Int32(truncatingIfNeeded: $0) }))
    rna.take(rows[...], of: covariate, withTargets: withTargets)
    second?.take(rows[...], of: covariate, withTargets: withTargets)
  }
}
