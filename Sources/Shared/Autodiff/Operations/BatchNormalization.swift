// y = γ (x − m) / sqrt(v + ε) + β by column (Ioffe and Szegedy 2015): x, y (N, D); γ, β (1, D). ε
// is 1e-5 unless the layer sets another. In training m and v are the batch's mean and variance. The
// running statistics move towards them (v there is the unbiased one) by a tenth, unless the layer
// sets another share. In evaluation m and v are the running statistics. With x̂ = (x − m) / sqrt(v
// + ε): dγ = Σ dy x̂, dβ = Σ dy, dx = γ / sqrt(v + ε) (dy − mean(dy) − x̂ mean(dy x̂)). In
// evaluation dx has no means.

import Tensors

/// The mean and the variance of a normalized layer's inputs over past batches.
package struct RunningStatistics<S: EngineScalar>: Sendable {
  /// (1, D)
  package let mean: Window<S>
  package let variance: Window<S>
  let epsilon: Double
  private let momentum: Double

  /// Mean 0 and variance 1, for D columns.
  ///
  /// - Parameters:
  ///   - epsilon: ε.
  ///   - momentum: how far they move towards the moments of each batch.
  package init(columns: Int, epsilon: Double = 1e-5, momentum: Double = 0.1) {
    (self.epsilon, self.momentum) = (epsilon, momentum)
    mean = Window(uninitializedRows: 1, columns: columns)
    variance = Window(uninitializedRows: 1, columns: columns)
    reset()
  }

  package func reset() {
    mean.fill(with: 0)
    variance.fill(with: 1)
  }

  /// Moves towards the moments of a batch.
  fileprivate func follow(
    mean batchMean: Window<Double>, variance batchVariance: Window<Double>, rows: Int
  ) {
    let unbiased = Double(rows) / Double(Swift.max(1, rows - 1))
    for j in 0..<mean.columns {
      mean[0, j] = S((1 - momentum) * Double(mean[0, j]) + momentum * batchMean[0, j])
      variance[0, j] = S(
        (1 - momentum) * Double(variance[0, j]) + momentum * unbiased * batchVariance[0, j])
    }
  }
}

/// The moments that normalize a batch.
package enum NormalizationMode: Sendable, Equatable {
  /// The batch's own; the running statistics follow them if asked.
  case training(updatingStatistics: Bool)
  /// The running statistics.
  case evaluation
}

private struct BatchNormalization<S: EngineScalar>: Operation {
  let input: Variable<S>
  let scale: Variable<S>
  let shift: Variable<S>
  let output: Variable<S>
  /// The moments used, and 1 / sqrt(v + ε). (1, D)
  let mean: Window<S>
  let inverse: Window<S>
  let isConstant: Bool

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output) else { return }
    let (x, sums) = (input.value, tape.doubles.window(rows: 2, columns: input.columns))
    // SAFETY: x, outer and the sink are (N, D); moments, scale and shift (1, D); sums (2, D).
    unsafe S.kernels.batchNormSums(
      x.rows, x.columns, x.pointer, outer.pointer, mean.pointer, inverse.pointer, sums.pointer)
    storeNormalizationSums(sums, scale: tape.sink(for: scale), shift: tape.sink(for: shift))
    guard let sink = tape.sink(for: input) else { return }
    unsafe S.kernels.batchNormBackward(
      x.rows, x.columns, x.pointer, outer.pointer, mean.pointer, inverse.pointer,
      scale.value.pointer, sums.pointer, isConstant, sink.window.pointer, sink.accumulates)
  }
}

extension Tape {
  /// γ (x − m) / sqrt(v + ε) + β by column. (N, D) (1, D) (1, D) → (N, D)
  package func batchNormalization(
    _ x: Variable<S>, scale: Variable<S>, shift: Variable<S>, statistics: RunningStatistics<S>,
    mode: NormalizationMode
  ) -> Variable<S> {
    precondition(
      scale.value.count == x.columns && shift.value.count == x.columns
        && statistics.mean.columns == x.columns,
      "a normalization of \(scale.value.count) columns for \(x.columns)")
    let output = result(rows: x.rows, columns: x.columns)
    let mean = workspace.window(rows: 1, columns: x.columns)
    let inverse = workspace.window(rows: 1, columns: x.columns)
    moments(of: x.value, statistics, mode, mean: mean, inverse: inverse)
    // SAFETY: x and the output are (N, D), the others (1, D).
    unsafe S.kernels.batchNorm(
      x.rows, x.columns, x.value.pointer, mean.pointer, inverse.pointer, scale.value.pointer,
      shift.value.pointer, output.value.pointer)
    record(
      BatchNormalization(
        input: x, scale: scale, shift: shift, output: output, mean: mean, inverse: inverse,
        isConstant: mode == .evaluation))
    return output
  }

  private func moments(
    of x: Window<S>, _ statistics: RunningStatistics<S>, _ mode: NormalizationMode,
    mean: Window<S>, inverse: Window<S>
  ) {
    guard case .training(let updating) = mode else {
      for j in 0..<x.columns {
        mean[0, j] = statistics.mean[0, j]
        inverse[0, j] = S(1 / (Double(statistics.variance[0, j]) + statistics.epsilon).squareRoot())
      }
      return
    }
    let means = doubles.window(rows: 1, columns: x.columns)
    let variances = doubles.window(rows: 1, columns: x.columns)
    // SAFETY: both sums are (1, D).
    unsafe S.kernels.columnMoments(
      x.rows, x.columns, x.pointer, means.pointer, variances.pointer)
    if updating { statistics.follow(mean: means, variance: variances, rows: x.rows) }
    for j in 0..<x.columns {
      mean[0, j] = S(means[0, j])
      inverse[0, j] = S(1 / (variances[0, j] + statistics.epsilon).squareRoot())
    }
  }
}
