// scMDC: one autoencoder of two measurements, read side by side (Lin, Tian, Wei, Hakonarson: Nature
// Communications 13, 7705, 2022). It reads no graph. Batches of B cells, G genes, M features of the
// second measurement, K clusters.
//
//   Z' = encoder([Xʳ + σ_r n, Xᵃ + σ_a n]), Z = encoder([Xʳ, Xᵃ])     (B, 16)
//   L = ZINB(xʳ | Z') + ZINB(xᵃ | Z') + φ L_kl + γ L_dk
//
// The last two are of Z: L_kl between pairs of cells, L_dk of distances to centers.

import Autodiff
import NeuralNetworks
import Tensors
import Training

/// The published model of scMDC: its layers and its losses.
package struct ScMDC<S: EngineScalar>: TrainableModel {
  package typealias Source = PairedSteps<S>
  package static var name: String { "scmdc" }

  /// The shape of the model and the weights of its losses; the defaults are the paper's.
  package struct Configuration: Sendable, Equatable {
    package var genes: Int
    /// The columns of the second measurement.
    package var features: Int
    /// Whether the second measurement is explained as counts (ZINB), not as real values (Gaussian).
    package var secondHasCounts = true
    /// The widths of the encoder's layers; the last is that of the code.
    package var encoder = [256, 64, 32, 16]
    package var decoder = [64, 256]
    package var secondDecoder = [20]
    /// How many batches of cells the decoders see beside the code; 0: none.
    package var batches = 0
    /// Whether the first layer of the encoder has a bias for each of them.
    package var encodesBatches = false
    /// σ_r and σ_a.
    package var rnaNoise = 2.5
    package var secondNoise = 1.5
    /// L_kl joins pretraining after this share of the epochs.
    package var pairsBegin = 0.5
    /// φ: the weight of L_kl. γ: the weight of L_dk.
    package var phi = 0.001
    package var gamma = 0.1
    /// Whether the centers are trained like every weight.
    package var trainsCenters = true
    /// Whether p of L_kl is differentiated, as in the released program.
    package var differentiatesTarget = false
    /// Normalizes every pass alike, whatever it is for; nil: pretraining by its batches, clustering
    /// by the statistics of pretraining.
    package var mode: NormalizationMode?

    package init(genes: Int, features: Int) { (self.genes, self.features) = (genes, features) }

    /// The width of Z.
    package var latent: Int { encoder.last ?? 0 }
  }

  /// Adds the noise of a pass to the values of a measurement: 0 is the RNA, 1 the second.
  package typealias Noise = (_ number: Int, _ values: Window<S>) -> Void

  package let configuration: Configuration
  package let parameters = Parameters<S>()
  /// Where the model has been given clusters. (K, latent)
  package let centers: Parameter?
  let encoder: [NormalizedDense<S>]
  /// What the first layer makes of the second measurement; its other weights are those of the RNA.
  /// (M, encoder[0])
  private let secondKernel: Parameter
  /// The biases of the first layer, one for every batch, of an encoder that sees them. (batches,
  /// encoder[0])
  private let encoderBatches: Parameter?
  private let decoders: PairedDecoders<S>

  /// Declares the layers; with `clusters` also that many centers.
  package init(_ configuration: Configuration, clusters: Int? = nil) {
    self.configuration = configuration
    let (c, parameters) = (configuration, parameters)
    precondition(!c.encoder.isEmpty, "an encoder without layers")
    // The weights of one layer of all inputs: Glorot's limit counts them together.
    let limit = (6 / Double(c.genes + c.features + c.encoder[0])).squareRoot()
    let first = NormalizedDense<S>(
      "encoder.0", inputs: c.genes, outputs: c.encoder[0], drawn: .uniform(limit), in: parameters)
    secondKernel = parameters.declare(
      "encoder.0.second", rows: c.features, columns: c.encoder[0], .uniform(limit))
    encoder =
      [first]
      + zip(c.encoder, c.encoder.dropFirst()).enumerated().map { i, size in
        NormalizedDense("encoder.\(i + 1)", inputs: size.0, outputs: size.1, in: parameters)
      }
    encoderBatches = parameters.batchBiases(
      of: c.encodedBatches, width: c.encoder[0])
    decoders = PairedDecoders(
      PairedDecoders.Shape(
        genes: c.genes, features: c.features, secondHasCounts: c.secondHasCounts, rna: c.decoder,
        second: c.secondDecoder, batches: c.batches), latent: c.latent, in: parameters)
    centers = clusters.map {
      parameters.declare("centers", rows: $0, columns: c.latent, .zeros)
    }
  }

  private var layers: [NormalizedDense<S>] { encoder + decoders.layers }

  package var statistics: [(name: String, window: Window<S>)] { Models.statistics(of: layers) }

  /// Draws all weights and resets the statistics.
  package func initialize(seed: UInt64) {
    parameters.initialize(seed: seed)
    for layer in layers { layer.statistics.reset() }
  }
}

// The codes.
extension ScMDC {
  /// Z of a batch, of values with noise where there is one. (B, latent)
  package func codes(
    _ batch: PairedBatch<S>, noise: Noise? = nil, mode: NormalizationMode, on tape: Tape<S>
  ) -> Variable<S> {
    guard let second = batch.second else { preconditionFailure("a step without a second modality") }
    func part(_ number: Int) -> ((Window<S>) -> Void)? { noise.map { add in { add(number, $0) } } }
    let none = tape.workspace.window(rows: 1, columns: encoder[0].bias.columns)
    none.fill(with: 0)
    let sum = tape.sum(
      batch.rna.affine(
        kernel: tape.variable(encoder[0].kernel), bias: tape.variable(encoder[0].bias),
        noise: part(0), on: tape),
      second.affine(
        kernel: tape.variable(secondKernel), bias: tape.constant(none), noise: part(1), on: tape))
    let seen = tape.shifted(sum, by: encoderBatches, of: batch.covariate)
    return encoder.dropFirst().reduce(encoder[0].activated(seen, mode, on: tape)) {
      $1($0, mode: mode, on: tape)
    }
  }

  /// Random noise that the batch names; nil of a batch without.
  private func noise(of batch: PairedBatch<S>) -> Noise? {
    let sigmas = [configuration.rnaNoise, configuration.secondNoise]
    return batch.noise.map { key in
      { addNormalNoise(sigmas[$0], key: key.part(UInt64($0 + 1)), to: $1) }
    }
  }

  package func codes(over source: PairedSteps<S>) -> Matrix<S> {
    source.codes(on: Tape(parameters)) { codes($0, mode: .evaluation, on: $1).value }
  }

  /// The nearest center, and softmax_j(−‖z − V_j‖²).
  package func assignment(of codes: Matrix<S>) -> Assignment<S> {
    Assignment(nearest: centerValues, to: codes)
  }
}

// The losses.
extension ScMDC {
  /// L_rec, and φ L_kl after half of the epochs.
  package func pretrainingLoss(_ batch: PairedBatch<S>, on tape: Tape<S>) -> [LossTerm] {
    let isLate =
      batch.plan.map { $0.epoch > Int(configuration.pairsBegin * Double($0.epochs)) } ?? true
    let mode = configuration.mode ?? .training(updatingStatistics: true)
    let terms = decoders.loss(
      of: codes(batch, noise: noise(of: batch), mode: mode, on: tape), batch, weight: 1,
      mode: mode, on: tape)
    // Always: evaluation normalizes by its statistics too.
    let clean = codes(batch, mode: mode, on: tape)
    return isLate ? terms + pairLoss(of: clean, on: tape) : terms
  }

  /// L_rec + φ L_kl + γ L_dk, or the first or the others; with given clusters the distances to
  /// their centers.
  package func clusteringLoss(
    _ batch: PairedBatch<S>, _ objective: ClusteringObjective, on tape: Tape<S>
  ) -> [LossTerm] {
    loss(batch, objective, noise: noise(of: batch), on: tape)
  }

  /// The losses of a step with clusters, under a noise that is given.
  package func loss(
    _ batch: PairedBatch<S>, _ objective: ClusteringObjective, noise: Noise?, on tape: Tape<S>
  ) -> [LossTerm] {
    let mode = configuration.mode ?? .evaluation
    var terms: [LossTerm] = []
    if objective.reconstructs {
      terms = decoders.loss(
        of: codes(batch, noise: noise, mode: mode, on: tape), batch, weight: 1, mode: mode, on: tape
      )
    }
    guard objective.clusters else { return terms }
    let clean = codes(batch, mode: mode, on: tape)
    if case .supervised = objective { return centerLoss(of: clean, objective, on: tape) }
    return terms + pairLoss(of: clean, on: tape) + centerLoss(of: clean, objective, on: tape)
  }

  private func pairLoss(of codes: Variable<S>, on tape: Tape<S>) -> [LossTerm] {
    if configuration.phi == 0 { return [] }
    return [
      LossTerm("pairs", weight: configuration.phi) {
        tape.pairwiseLoss(
          of: codes, weight: S($0), differentiatingTarget: configuration.differentiatesTarget)
      }
    ]
  }

  private func centerLoss(
    of codes: Variable<S>, _ objective: ClusteringObjective, on tape: Tape<S>
  ) -> [LossTerm] {
    if configuration.gamma == 0 { return [] }
    let centers = centerWeights(areTrained: configuration.trainsCenters, on: tape)
    return [
      LossTerm("centers", weight: configuration.gamma) { weight in
        if case .supervised(let targets) = objective {
          return tape.distanceLoss(of: codes, to: centers, targets: targets, weight: S(weight))
        }
        return tape.deepKMeansLoss(of: codes, to: centers, weight: S(weight))
      }
    ]
  }
}

extension ScMDC.Configuration {
  /// The shape for these data.
  ///
  /// - Precondition: there is a second measurement.
  package init(for data: PairedData<S>) {
    self.init(genes: 0, features: 0)
    fit(to: data)
  }

  /// Takes what the data decide.
  mutating func fit(to data: PairedData<S>) {
    guard let second = data.second else { preconditionFailure("data without a second modality") }
    (genes, features) = (data.rna.targetCount, second.targetCount)
    secondHasCounts = second.hasCounts
    batches = data.covariate?.count ?? 0
    encodesBatches = data.covariate?.isEncoded ?? false
  }

  /// The shape of the model that these weights belong to; what is no shape has its default.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  package init(of weights: ModelWeights) throws(ModelFault) {
    let name = ScMDC.name
    let hasCounts = weights["values.second.bias"] == nil
    self.init(
      genes: try weights.width("zinb.rna.mean.bias", of: name),
      features: try weights.width(
        hasCounts ? "zinb.second.mean.bias" : "values.second.bias", of: name))
    secondHasCounts = hasCounts
    encoder = try weights.layers("encoder", of: name)
    decoder = try weights.widths("decoder.rna", of: name)
    secondDecoder = try weights.widths("decoder.second", of: name)
    batches = try weights.batches(of: "decoder.rna", latent: latent, model: name)
    encodesBatches = batches > 0 && weights.encodesBatches
  }
}
