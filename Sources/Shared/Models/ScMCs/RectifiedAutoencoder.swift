// One of scMCs's two autoencoders. Each layer of the encoder is relu(x W + b) under dropout, also
// the layer of the code z. The decoder has the layers in the opposite order, then heads. B cells, M
// features, D code width.

import Autodiff
import NeuralNetworks
import Tensors
import Training

/// An encoder, a decoder that mirrors it, and heads.
struct RectifiedAutoencoder<S: EngineScalar>: Sendable {
  private let encoder: [Dense]
  private let decoder: [Dense]
  private let heads: MeasurementHeads<S>
  /// The dropout rate of every layer.
  private let dropout: Double
  /// How many batches of cells the decoder sees beside the code.
  private let batches: Int
  /// The biases of the encoder's first layer, one for every batch, where it sees them. (batches,
  /// width)
  private let batchBiases: Parameter?

  /// Declares NAME.encoder.0, …, of which the last is the code, NAME.decoder.0, … and the heads;
  /// NAME.encoder.batches too where the encoder is to see batches.
  init(
    _ name: String, features: Int, hidden: [Int], latent: Int, likelihood: Likelihood,
    dropout: Double, batches: Int, encodedBatches: Int, in parameters: Parameters<S>
  ) {
    func stack(_ part: String, _ inputs: Int, _ widths: [Int], readsSparseRows: Bool) -> [Dense] {
      zip([inputs] + widths, widths).enumerated().map { i, size in
        Dense(
          "\(name).\(part).\(i)", inputs: size.0, outputs: size.1,
          rectifying: i > 0 || !readsSparseRows, in: parameters)
      }
    }
    encoder = stack("encoder", features, hidden + [latent], readsSparseRows: true)
    let seen = latent + batches
    decoder = stack("decoder", seen, hidden.reversed(), readsSparseRows: false)
    heads = MeasurementHeads(
      name, inputs: hidden.first ?? seen, features: features, likelihood: likelihood,
      in: parameters)
    batchBiases = parameters.batchBiases(
      of: encodedBatches, width: hidden.first ?? latent, encoder: "\(name).encoder")
    (self.dropout, self.batches) = (dropout, batches)
  }

  /// z of a batch. (B, D)
  func encode(_ batch: MeasurementBatch<S>, noise: NoiseKey?, on tape: Tape<S>) -> Variable<S> {
    let sums = batch.encoded(by: encoder[0], noise: nil, on: tape)
    let first = tape.relu(tape.shifted(sums, by: batchBiases, of: batch.covariate))
    return encoder.dropFirst().enumerated().reduce(dropped(first, 0, noise, on: tape)) {
      dropped($1.element($0, on: tape), $1.offset + 1, noise, on: tape)
    }
  }

  /// mean_i Σ_j −log p(x_ij | z_i): writes the gradients of weight times it, and returns it.
  func reconstructionLoss(
    of code: Variable<S>, to batch: MeasurementBatch<S>, weight: S, noise: NoiseKey?,
    on tape: Tape<S>
  ) -> Double {
    let seen = tape.conditioned(code, on: batch.covariate, batches: batches)
    let hidden = decoder.enumerated().reduce(seen) {
      dropped($1.element($0, on: tape), encoder.count + $1.offset, noise, on: tape)
    }
    return heads.loss(of: hidden, to: batch, weight: weight, on: tape)
  }

  private func dropped(_ x: Variable<S>, _ number: Int, _ noise: NoiseKey?, on tape: Tape<S>)
    -> Variable<S>
  {
    guard let noise, dropout > 0 else { return x }
    return tape.dropout(x, rate: dropout, key: noise.part(UInt64(number + 1)))
  }
}
