import Autodiff
import NeuralNetworks
import Tensors
import Training

/// One of DCCA's two variational autoencoders: z = m + e^(l/2) ε in training, m otherwise. B cells,
/// M features, D code width.
struct VariationalAutoencoder<S: EngineScalar>: Sendable {
  /// The widths of one autoencoder.
  struct Shape {
    var features: Int
    var encoder: [Int]
    var decoder: [Int]
    var latent: Int
    var likelihood: Likelihood
    /// How many batches of cells the decoder sees, and the encoder.
    var batches: Int
    var encodedBatches: Int
  }

  /// A pass through it.
  struct Pass {
    let distribution: NormalExpert<S>
    let code: Variable<S>
  }

  private let encoder: VariationalEncoder<S>
  private let decoder: MeasurementDecoder<S>
  /// All weights of it.
  let parameters: [Parameter]

  /// Declares NAME.encoder.0, …, NAME.mean, NAME.logvar, NAME.decoder.0, … and the heads.
  init(_ name: String, _ shape: Shape, in parameters: Parameters<S>) {
    let before = parameters.all.count
    encoder = VariationalEncoder(
      name, inputs: shape.features, widths: shape.encoder, latent: shape.latent,
      batches: shape.encodedBatches, in: parameters)
    decoder = MeasurementDecoder(
      name, inputs: shape.latent, widths: shape.decoder, features: shape.features,
      likelihood: shape.likelihood, batches: shape.batches, in: parameters)
    self.parameters = Array(parameters.all.dropFirst(before))
  }

  var layers: [NormalizedDense<S>] { encoder.layers + decoder.layers }

  /// Means, log variances and codes of a batch; without noise the codes are the means. (B, D)
  func encode(
    _ batch: MeasurementBatch<S>, noise: (any PassNoise<S>)?, mode: NormalizationMode,
    on tape: Tape<S>
  ) -> Pass {
    let distribution = encoder(batch, noise: noise, mode: mode, on: tape)
    return Pass(distribution: distribution, code: tape.code(of: distribution, noise: noise))
  }

  /// mean_i Σ_j −log p(x_ij | z_i): writes the gradients of weight times it, and returns it.
  func reconstructionLoss(
    of code: Variable<S>, to batch: MeasurementBatch<S>, weight: S, noise: (any PassNoise<S>)?,
    mode: NormalizationMode, on tape: Tape<S>
  ) -> Double {
    decoder.loss(
      of: code, to: batch, weight: weight, firstMask: encoder.layers.count, noise: noise,
      mode: mode, on: tape)
  }
}
