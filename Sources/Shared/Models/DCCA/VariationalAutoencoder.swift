// One of DCCA's two variational autoencoders: h = the encoder's layers of x, each relu(batchNorm(x
// W + b)) under dropout; m = h W_m + b_m, l = h W_l + b_l; z = m + e^(l/2) ε in training, m
// otherwise; the decoder's layers of z; heads. B cells, M features, D code width.

import Autodiff
import NeuralNetworks
import Tensors
import Training

/// An encoder of means and log variances, a decoder and heads.
struct VariationalAutoencoder<S: EngineScalar>: Sendable {
  /// The widths of one autoencoder.
  struct Shape {
    var features: Int
    var encoder: [Int]
    var decoder: [Int]
    var latent: Int
    var likelihood: Likelihood
  }

  /// A pass through it.
  struct Pass {
    let mean: Variable<S>
    let logVariance: Variable<S>
    let code: Variable<S>
  }

  let encoder: [NormalizedDense<S>]
  let mean: Dense
  let logVariance: Dense
  let decoder: [NormalizedDense<S>]
  private let heads: MeasurementHeads<S>
  /// All weights of it.
  let parameters: [Parameter]

  /// Declares NAME.encoder.0, …, NAME.mean, NAME.logvar, NAME.decoder.0, … and the heads.
  init(_ name: String, _ shape: Shape, in parameters: Parameters<S>) {
    let before = parameters.all.count
    func stack(_ part: String, _ inputs: Int, _ widths: [Int]) -> [NormalizedDense<S>] {
      layerStack("\(name).\(part)", inputs, widths, as: .variational, in: parameters)
    }
    func dense(_ part: String, _ inputs: Int, _ outputs: Int) -> Dense {
      Dense("\(name).\(part)", inputs: inputs, outputs: outputs, in: parameters)
    }
    precondition(!shape.encoder.isEmpty, "an encoder without layers")
    encoder = stack("encoder", shape.features, shape.encoder)
    let width = shape.encoder.last ?? 0
    mean = dense("mean", width, shape.latent)
    logVariance = dense("logvar", width, shape.latent)
    decoder = stack("decoder", shape.latent, shape.decoder)
    let last = shape.decoder.last ?? shape.latent
    heads = MeasurementHeads(
      name, inputs: last, features: shape.features, likelihood: shape.likelihood, in: parameters)
    self.parameters = Array(parameters.all.dropFirst(before))
  }

  var layers: [NormalizedDense<S>] { encoder + decoder }
}

/// Random numbers of a pass, or what stands in their place in a test.
package protocol PassNoise<S> {
  associatedtype S: EngineScalar
  /// The mask of hidden layer `number`, counted through encoder and decoder.
  func mask(_ number: Int, rows: Int, columns: Int, on tape: Tape<S>) -> Window<S>
  /// ε: standard normal numbers.
  func normals(rows: Int, columns: Int, on tape: Tape<S>) -> Window<S>
}

/// The numbers that a key names.
struct SeededPassNoise<S: EngineScalar>: PassNoise {
  let key: NoiseKey
  let dropout: Double

  func mask(_ number: Int, rows: Int, columns: Int, on tape: Tape<S>) -> Window<S> {
    tape.dropoutMask(rows: rows, columns: columns, rate: dropout, key: key.part(UInt64(number + 1)))
  }

  func normals(rows: Int, columns: Int, on tape: Tape<S>) -> Window<S> {
    let window = tape.workspace.window(rows: rows, columns: columns)
    window.fill(with: 0)
    addNormalNoise(1, key: key.part(0), to: window)
    return window
  }
}

extension VariationalAutoencoder {
  /// Means, log variances and codes of a batch; without noise the codes are the means. (B, D)
  func encode(
    _ batch: MeasurementBatch<S>, noise: (any PassNoise<S>)?, mode: NormalizationMode,
    on tape: Tape<S>
  ) -> Pass {
    var hidden = batch.encoded(by: encoder[0], noise: nil, mode: mode, on: tape)
    hidden = dropped(hidden, 0, noise, on: tape)
    for (i, layer) in encoder.dropFirst().enumerated() {
      hidden = dropped(layer(hidden, mode: mode, on: tape), i + 1, noise, on: tape)
    }
    let (m, l) = (mean(hidden, on: tape), logVariance(hidden, on: tape))
    let code = noise.map {
      tape.normalSample(
        mean: m, logVariance: l, noise: $0.normals(rows: m.rows, columns: m.columns, on: tape))
    }
    return Pass(mean: m, logVariance: l, code: code ?? m)
  }

  private func dropped(
    _ x: Variable<S>, _ number: Int, _ noise: (any PassNoise<S>)?, on tape: Tape<S>
  ) -> Variable<S> {
    guard let noise else { return x }
    return tape.dropout(
      x, mask: noise.mask(number, rows: x.rows, columns: x.columns, on: tape))
  }

  /// mean_i Σ_j −log p(x_ij | z_i): writes the gradients of weight times it, and returns it.
  func reconstructionLoss(
    of code: Variable<S>, to batch: MeasurementBatch<S>, weight: S, noise: (any PassNoise<S>)?,
    mode: NormalizationMode, on tape: Tape<S>
  ) -> Double {
    var hidden = code
    for (i, layer) in decoder.enumerated() {
      hidden = dropped(
        layer(hidden, mode: mode, on: tape), encoder.count + i, noise, on: tape)
    }
    return heads.loss(of: hidden, to: batch, weight: weight, on: tape)
  }
}
