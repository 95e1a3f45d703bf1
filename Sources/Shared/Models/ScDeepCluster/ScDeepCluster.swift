// scDeepCluster: a denoising autoencoder of counts whose codes are drawn to cluster centers (Tian,
// Wan, Song, Wei: Nature Machine Intelligence 1, 191–198, 2019). It reads no graph. Batches of B
// cells, G genes, K clusters.
//
//   Z' = encoder(X + σ n), Z = encoder(X)     (B, 32)
//   H = decoder(Z')                           (B, 256)
//   L = mean −log ZINB(x | π, μ, θ of H) + γ mean_i KL(p_i ‖ q_i), Q of Z
//
// P is renewed between epochs.

import Autodiff
import NeuralNetworks
import Tensors
import Training

/// The published model of scDeepCluster: its layers and its losses.
package struct ScDeepCluster<S: EngineScalar>: TrainableModel {
  package typealias Source = PairedSteps<S>
  package static var name: String { "scdeepcluster" }

  /// The shape of the model and the weights of its losses; the defaults are the paper's.
  package struct Configuration: Sendable, Equatable {
    package var genes: Int
    /// The widths of the hidden layers of the encoder; the code follows.
    package var encoder = [256, 64]
    package var latent = 32
    package var decoder = [64, 256]
    /// How many batches of cells the decoder sees beside the code; 0: none.
    package var batches = 0
    /// Whether the first layer of the encoder has a bias for each of them.
    package var encodesBatches = false
    /// σ of the noise.
    package var noise = 2.5
    package var noiseSite = NoiseSite.encoder
    /// γ: the weight of the clustering loss.
    package var gamma = 1.0
    /// Whether the centers are trained like every weight.
    package var trainsCenters = true
    package var floor = ShareFloor.clipped(1e-7)

    package init(genes: Int) { self.genes = genes }
  }

  /// Adds the noise of a pass to values: number 0 is that of the input, those after it of the
  /// hidden layers in their order.
  package typealias Noise = (_ number: Int, _ values: Window<S>) -> Void

  package let configuration: Configuration
  package let parameters = Parameters<S>()
  /// Where the model has been given clusters. (K, latent)
  package let centers: Parameter?
  private let encoder: [Dense]
  /// The biases of the first layer, one for every batch, of an encoder that sees them. (batches,
  /// width)
  private let encoderBatches: Parameter?
  private let latent: Dense
  private let decoder: [Dense]
  private let heads: ZINBHeads

  /// Declares the layers; with `clusters` also that many centers.
  package init(_ configuration: Configuration, clusters: Int? = nil) {
    self.configuration = configuration
    let (c, parameters) = (configuration, parameters)
    func stack(_ name: String, _ inputs: Int, _ widths: [Int], rectifying: Bool) -> [Dense] {
      zip([inputs] + widths, widths).enumerated().map { i, size in
        Dense(
          "\(name).\(i)", inputs: size.0, outputs: size.1, rectifying: rectifying, in: parameters)
      }
    }
    // The noise comes before the rectifier.
    encoder = stack("encoder", c.genes, c.encoder, rectifying: false)
    encoderBatches = parameters.batchBiases(
      of: c.encodedBatches, width: c.encoder.first ?? 0)
    latent = Dense(
      "latent", inputs: c.encoder.last ?? c.genes, outputs: c.latent, in: parameters)
    let seen = c.latent + c.batches
    decoder = stack("decoder", seen, c.decoder, rectifying: true)
    heads = ZINBHeads(
      "zinb", inputs: c.decoder.last ?? seen, genes: c.genes, in: parameters)
    centers = clusters.map {
      parameters.declare("centers", rows: $0, columns: c.latent, .zeros)
    }
  }
}

/// Where the noise enters.
package enum NoiseSite: String, Sendable, CaseIterable {
  /// The values alone: the authors' program in PyTorch.
  case input
  /// The values, and every hidden layer of the encoder before it is rectified: the paper and the
  /// program in Keras.
  case encoder
}

extension ScDeepCluster {
  /// Puts the heads of mean and dispersion where the counts' own moments are; the weights must have
  /// been drawn.
  package func startHeads(at counts: CountTarget<S>) {
    heads.startAtMoments(of: counts, in: parameters)
  }

  /// Z of a batch, with noise where there is one. (B, latent)
  package func codes(_ batch: PairedBatch<S>, noise: Noise? = nil, on tape: Tape<S>)
    -> Variable<S>
  {
    func rectified(_ x: Variable<S>, _ number: Int) -> Variable<S> {
      if configuration.noiseSite == .encoder { noise?(number, x.value) }
      return tape.relu(x)
    }
    let sums = batch.rna.encoded(
      by: encoder[0], noise: noise.map { add in { add(0, $0) } }, on: tape)
    let first = tape.shifted(sums, by: encoderBatches, of: batch.covariate)
    var hidden = rectified(first, 1)
    for (i, layer) in encoder.dropFirst().enumerated() {
      hidden = rectified(layer(hidden, on: tape), i + 2)
    }
    return latent(hidden, on: tape)
  }

  /// Random noise that the batch names; nil of a batch without.
  func noise(of batch: PairedBatch<S>) -> Noise? {
    batch.noise.map { key in
      { addNormalNoise(configuration.noise, key: key.part(UInt64($0 + 1)), to: $1) }
    }
  }

  package func codes(over source: PairedSteps<S>) -> Matrix<S> {
    source.codes(on: Tape(parameters)) { codes($0, on: $1).value }
  }

  /// Student's t around the centers, and the most likely cluster.
  package func assignment(of codes: Matrix<S>) -> Assignment<S> {
    Assignment(shares: softAssignment(of: Window(reading: codes), to: centerValues))
  }
}

extension ScDeepCluster {
  /// ZINB of the counts, by codes with noise.
  package func pretrainingLoss(_ batch: PairedBatch<S>, on tape: Tape<S>) -> [LossTerm] {
    [reconstructionLoss(batch, noise: noise(of: batch), on: tape)]
  }

  /// ZINB + γ KL(p ‖ q), or one of the two.
  package func clusteringLoss(
    _ batch: PairedBatch<S>, _ objective: ClusteringObjective, on tape: Tape<S>
  ) -> [LossTerm] {
    loss(batch, objective, noise: noise(of: batch), on: tape)
  }

  /// The losses of a step with clusters, under a noise that is given.
  package func loss(
    _ batch: PairedBatch<S>, _ objective: ClusteringObjective, noise: Noise?, on tape: Tape<S>
  ) -> [LossTerm] {
    let own = objective.reconstructs ? [reconstructionLoss(batch, noise: noise, on: tape)] : []
    guard objective.clusters, configuration.gamma > 0 else { return own }
    return own + [clusterLoss(batch, objective, on: tape)]
  }

  private func reconstructionLoss(
    _ batch: PairedBatch<S>, noise: Noise?, on tape: Tape<S>
  ) -> LossTerm {
    let likelihood = countLoss(
      of: codes(batch, noise: noise, on: tape), batch, ridge: 0, on: tape
    ).likelihood
    return LossTerm("zinb") { _ in likelihood }
  }

  /// mean −log ZINB + ridge · mean π² of the counts by codes (B, latent); writes the gradients, and
  /// returns both means.
  func countLoss(
    of codes: Variable<S>, _ batch: PairedBatch<S>, ridge: Double, on tape: Tape<S>
  ) -> (likelihood: Double, ridge: Double) {
    guard let target = batch.rna.target else { preconditionFailure("a step without counts") }
    let seen = tape.conditioned(codes, on: batch.covariate, batches: configuration.batches)
    let hidden = decoder.reduce(seen) { $1($0, on: tape) }
    return tape.zinbLoss(heads, of: hidden, to: target, weight: 1, ridge: S(ridge))
  }

  /// mean_i KL(p_i ‖ q_i) of the codes without noise; with given clusters their one-hot is p, and a
  /// cell without one counts as 0.
  private func clusterLoss(
    _ batch: PairedBatch<S>, _ objective: ClusteringObjective, on tape: Tape<S>
  ) -> LossTerm {
    let clean = codes(batch, on: tape)
    let centers = centerWeights(areTrained: configuration.trainsCenters, on: tape)
    let targets = tape.targets(of: batch.targets, objective, clusters: centers.rows)
    return LossTerm("cluster", weight: configuration.gamma) {
      tape.divergenceLoss(
        of: clean, to: centers, targets: targets, weight: S($0), floor: configuration.floor)
    }
  }
}

extension ScDeepCluster.Configuration {
  /// The shape of the model that these weights belong to: of this name, or another of the same
  /// layers.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  package init(of weights: ModelWeights, model name: String = ScDeepCluster.name)
    throws(ModelFault)
  {
    self.init(genes: try weights.width("zinb.mean.bias", of: name))
    encoder = try weights.layers("encoder", of: name)
    latent = try weights.width("latent.bias", of: name)
    decoder = try weights.widths("decoder", of: name)
    batches = try weights.batches(of: "decoder", latent: latent, model: name)
    encodesBatches = batches > 0 && weights.encodesBatches
  }
}
