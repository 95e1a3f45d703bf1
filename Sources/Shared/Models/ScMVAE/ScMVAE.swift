// scMVAE: one variational autoencoder of two measurements of counts, whose codes are drawn from a
// mixture of normal distributions (Zuo and Chen: Briefings in Bioinformatics 22, bbaa287, 2021; its
// product of experts). It reads no graph. B cells in a step, G genes, M features of the second
// measurement, D code width, K components.
//
//   (m, l) = product of N(0, 1) and of what each measurement's encoder says   (B, D)
//   z = m + e^(l/2) ε;  [h_x, h_y] = the shared layers of z, cut into halves
//   ℓ: of each measurement another normal code, the logarithm of the cell's total (B, 1)
//   L = −w log p(x | h_x, ℓ_x) − log p(y | h_y, ℓ_y) + KL(ℓ_x) + KL(ℓ_y) + κ KL(z ‖ mixture)
//
// First the prior is N(0, 1); then the mixture is fitted to the codes, and learns with the rest. κ
// grows from 0 to 1. Cells that are held out end the training.

import Autodiff
import NeuralNetworks
import Tensors
import Training

/// The published model of scMVAE: its layers and its losses.
package struct ScMVAE<S: EngineScalar>: TrainableModel {
  package typealias Source = PairedSteps<S>
  package static var name: String { "scmvae" }

  package let configuration: Configuration
  package let parameters = Parameters<S>()
  /// Where the model has been given clusters. (K, D)
  package let centers: Parameter?
  let encoders: [VariationalEncoder<S>]
  /// The encoder of the cells' totals; nil if the measurement is not explained by them.
  let libraries: [VariationalEncoder<S>?]
  let shared: [NormalizedDense<S>]
  let decoders: [MeasurementDecoder<S>]
  let prior: Prior
  /// The weights that decay: all but the mixture.
  private let layerWeights: [Parameter]
  /// The mean and the variance of ln(total) of each measurement. (2, 2)
  private let libraryMoments: Window<S>

  /// The parameters of the mixture.
  struct Prior {
    /// (1, K)
    let logits: Parameter
    /// (K, D)
    let means: Parameter
    let logVariances: Parameter
  }

  /// Declares the layers; with `clusters` also that many centers.
  package init(_ configuration: Configuration, clusters: Int? = nil) {
    self.configuration = configuration
    let (c, parameters) = (configuration, parameters)
    precondition((c.shared.last ?? 1) % 2 == 0, "\(c.shared) shared layers have no halves")
    let parts = c.parts
    encoders = parts.map {
      VariationalEncoder(
        $0.name, inputs: $0.features, widths: $0.encoder, latent: c.latent,
        batches: c.encodedBatches, in: parameters)
    }
    libraries = parts.map { part in
      part.likelihood.hasTotals
        ? VariationalEncoder(
          "\(part.name).library", inputs: part.features, widths: c.library, latent: 1,
          batches: c.encodedBatches, in: parameters) : nil
    }
    shared = layerStack(
      "shared", c.latent + c.batches, c.shared, as: .variational, in: parameters)
    decoders = parts.map {
      MeasurementDecoder(
        $0.name, inputs: (c.shared.last ?? 0) / 2, widths: $0.decoder, features: $0.features,
        likelihood: $0.likelihood, in: parameters)
    }
    layerWeights = parameters.all
    prior = Prior(
      logits: parameters.declare("prior.logits", rows: 1, columns: c.components, .zeros),
      means: parameters.declare(
        "prior.mean", rows: c.components, columns: c.latent, .glorotUniform),
      logVariances: parameters.declare(
        "prior.logvar", rows: c.components, columns: c.latent, .zeros))
    libraryMoments = Window(uninitializedRows: 2, columns: 2)
    centers = clusters.map { parameters.declare("centers", rows: $0, columns: c.latent, .zeros) }
    resetMoments()
  }

  private func resetMoments() {
    for (i, moments) in configuration.libraries.enumerated() {
      (libraryMoments[i, 0], libraryMoments[i, 1]) = (S(moments.mean), S(moments.variance))
    }
  }

  private var layers: [NormalizedDense<S>] {
    encoders.flatMap(\.layers) + libraries.flatMap { $0?.layers ?? [] } + shared
      + decoders.flatMap(\.layers)
  }

  package var statistics: [(name: String, window: Window<S>)] {
    Models.statistics(of: layers) + [("library.moments", libraryMoments)]
  }

  /// Draws all weights and resets the statistics. The totals begin at those of the data.
  package func initialize(seed: UInt64) {
    parameters.initialize(seed: seed)
    for layer in layers { layer.statistics.reset() }
    resetMoments()
    for (library, moments) in zip(libraries, configuration.libraries) {
      guard let library else { continue }
      parameters.weights(of: library.mean.bias).fill(with: S(moments.mean))
    }
  }

  /// The losses that decay weights, of one step.
  func decay(on tape: Tape<S>) {
    tape.decayWeights(of: layerWeights, by: S(configuration.decay))
  }
}

/// What the prior of scMVAE is in a round: the numbers of `StepPlan.part`.
package enum ScMVAEPart: Int, Sendable {
  /// N(0, 1), and then the mixture that is fitted to the codes.
  case normal = 1
  case mixture
}

/// The parts of a pass through scMVAE that have random numbers of their own.
package enum ScMVAEPass: Int, Sendable {
  case rna = 1
  case second, rnaLibrary, secondLibrary, shared, rnaDecoder, secondDecoder
}

// The codes.
extension ScMVAE {
  /// The random numbers of a part of the pass; nil: none.
  package typealias Noise = (ScMVAEPass) -> any PassNoise<S>

  func measured(_ batch: PairedBatch<S>) -> [MeasurementBatch<S>] {
    guard let second = batch.second else { preconditionFailure("a step without a second modality") }
    return [batch.rna, second]
  }

  /// m and l of both measurements together. (B, D)
  func distribution(
    _ batch: PairedBatch<S>, noise: Noise?, mode: NormalizationMode, on tape: Tape<S>
  ) -> NormalExpert<S> {
    let passes = [ScMVAEPass.rna, .second]
    return tape.productOfExperts(
      zip(measured(batch), passes).enumerated().map { i, measured in
        encoders[i](measured.0, noise: noise?(measured.1), mode: mode, on: tape)
      })
  }

  /// m. (N, D)
  package func codes(over source: PairedSteps<S>) -> Matrix<S> {
    source.codes(on: Tape(parameters)) { batch, tape in
      distribution(batch, noise: nil, mode: .evaluation, on: tape).mean.value
    }
  }

  /// Student's t around the centers, and the nearest of them.
  package func assignment(of codes: Matrix<S>) -> Assignment<S> {
    Assignment(shares: softAssignment(of: Window(reading: codes), to: centerValues))
  }

  /// The mixture as it is.
  func mixture(on tape: Tape<S>) -> MixturePrior<S> {
    MixturePrior(
      logits: tape.variable(prior.logits), means: tape.variable(prior.means),
      logVariances: tape.variable(prior.logVariances))
  }
}
