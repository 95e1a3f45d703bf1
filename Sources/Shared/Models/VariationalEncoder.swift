import Autodiff
import NeuralNetworks
import Tensors
import Training

/// The encoder of a measurement by DCCA and scMVAE: h = its layers of x, each relu(batchNorm(x W +
/// b)) under dropout; m = h W_m + b_m, l = h W_l + b_l. B cells, M features, D code width.
struct VariationalEncoder<S: EngineScalar>: Sendable {
  let layers: [NormalizedDense<S>]
  let mean: Dense
  let logVariance: Dense
  /// The biases of the first layer, one for every batch, of an encoder that sees them. (batches,
  /// widths[0])
  private let batchBiases: Parameter?

  /// Declares NAME.encoder.0, …, NAME.mean and NAME.logvar; NAME.encoder.batches too where it is to
  /// see that many batches.
  init(
    _ name: String, inputs: Int, widths: [Int], latent: Int, batches: Int,
    in parameters: Parameters<S>
  ) {
    precondition(!widths.isEmpty, "an encoder without layers")
    layers = layerStack("\(name).encoder", inputs, widths, as: .variational, in: parameters)
    func dense(_ part: String) -> Dense {
      Dense("\(name).\(part)", inputs: widths.last ?? 0, outputs: latent, in: parameters)
    }
    (mean, logVariance) = (dense("mean"), dense("logvar"))
    batchBiases = parameters.batchBiases(
      of: batches, width: widths[0], encoder: "\(name).encoder")
  }

  /// m and l of a batch. (B, M) → (B, D)
  func callAsFunction(
    _ batch: MeasurementBatch<S>, noise: (any PassNoise<S>)?, mode: NormalizationMode,
    on tape: Tape<S>
  ) -> NormalExpert<S> {
    let first = tape.dropped(
      batch.encoded(by: layers[0], noise: nil, batchBiases: batchBiases, mode: mode, on: tape), 0,
      noise)
    let hidden = tape.through(layers.dropFirst(), first, first: 1, noise: noise, mode: mode)
    return NormalExpert(mean: mean(hidden, on: tape), logVariance: logVariance(hidden, on: tape))
  }
}

/// The decoder of a measurement by DCCA and scMVAE: layers as in the encoder, and heads.
struct MeasurementDecoder<S: EngineScalar>: Sendable {
  let layers: [NormalizedDense<S>]
  private let heads: MeasurementHeads<S>
  private let batches: Int

  /// Declares NAME.decoder.0, … and the heads.
  ///
  /// - Parameter batches: how many batches of cells it sees beside the code.
  init(
    _ name: String, inputs: Int, widths: [Int], features: Int, likelihood: Likelihood,
    batches: Int = 0, in parameters: Parameters<S>
  ) {
    self.batches = batches
    let seen = inputs + batches
    layers = layerStack("\(name).decoder", seen, widths, as: .variational, in: parameters)
    heads = MeasurementHeads(
      name, inputs: widths.last ?? seen, features: features, likelihood: likelihood,
      in: parameters)
  }

  /// mean_i Σ_j −log p(x_ij | z_i): writes the gradients of weight times it, and returns it.
  ///
  /// - Parameters:
  ///   - logTotals: logarithms of the cells' totals; nil: these are known. (B, 1)
  ///   - firstMask: the number of the first layer's mask.
  func loss(
    of code: Variable<S>, to batch: MeasurementBatch<S>, logTotals: Variable<S>? = nil, weight: S,
    firstMask: Int = 0, noise: (any PassNoise<S>)?, mode: NormalizationMode, on tape: Tape<S>
  ) -> Double {
    let seen = tape.conditioned(code, on: batch.covariate, batches: batches)
    let hidden = tape.through(layers, seen, first: firstMask, noise: noise, mode: mode)
    return heads.loss(of: hidden, to: batch, logTotals: logTotals, weight: weight, on: tape)
  }
}
