// z = m + e^(l/2) ε with standard normal numbers ε: the reparametrized sample (Kingma and Welling
// 2014). m, l, ε, z (N, D); dm = dz, dl = dz (z − m) / 2.

import Tensors

private struct NormalSample<S: EngineScalar>: Operation {
  let mean: Variable<S>
  let logVariance: Variable<S>
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output) else { return }
    if let sink = tape.sink(for: mean) {
      addScaled(outer, factor: 1, into: sink.window, accumulating: sink.accumulates)
    }
    guard let sink = tape.sink(for: logVariance) else { return }
    // SAFETY: all windows have the shape of the output.
    unsafe S.kernels.normalSampleBackward(
      outer.count, mean.value.pointer, output.value.pointer, outer.pointer, sink.window.pointer,
      sink.accumulates)
  }
}

extension Tape {
  /// Draws from normal distributions with these means and log variances, by the given numbers ε.
  /// (N, D) (N, D) (N, D) → (N, D)
  package func normalSample(
    mean: Variable<S>, logVariance: Variable<S>, noise: Window<S>
  ) -> Variable<S> {
    precondition(
      mean.rows == logVariance.rows && mean.columns == logVariance.columns
        && mean.rows == noise.rows && mean.columns == noise.columns,
      "\(mean.rows) × \(mean.columns) means, \(logVariance.rows) × \(logVariance.columns) log variances, \(noise.rows) × \(noise.columns) numbers"
    )
    let output = result(rows: mean.rows, columns: mean.columns)
    // SAFETY: all windows have one shape (checked).
    unsafe S.kernels.normalSample(
      noise.count, mean.value.pointer, logVariance.value.pointer, noise.pointer,
      output.value.pointer)
    record(NormalSample(mean: mean, logVariance: logVariance, output: output))
    return output
  }

  /// The same, with ε determined by the key.
  package func normalSample(mean: Variable<S>, logVariance: Variable<S>, key: NoiseKey)
    -> Variable<S>
  {
    let noise = workspace.window(rows: mean.rows, columns: mean.columns)
    noise.fill(with: 0)
    addNormalNoise(1, key: key, to: noise)
    return normalSample(mean: mean, logVariance: logVariance, noise: noise)
  }
}
