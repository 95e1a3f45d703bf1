// scEMC: two measurements of the same cells (Hu, Liang, Dong, Wang, Zhao, He: Briefings in
// Bioinformatics 25(2), bbae102, 2024). They are encoded apart and aggregated over the cells of a
// batch, and a skip connection keeps the RNA. Batches of B cells, K clusters; numbers in brackets
// are the paper's equations.
//
//   X̂ʳ = Xʳ + σ_r n, X̂ᵃ = Xᵃ + σ_a n, n ~ N(0, 1)                        (1)
//   Zʳ = encoderʳ(X̂ʳ), Zᵃ = encoderᵃ(X̂ᵃ)                     (B, 8) each  (2)
//   L_rec = ZINB(xʳ | Z̃) + ZINB(xᵃ | Z̃)                                   (3 to 8)
//   Z = [Zʳ, Zᵃ]                                             (B, 16)      (9)
//   S = softmax(Z W1 (Z W2)ᵀ / √16)                          (B, B)       (10, 11)
//   Ẑ = W_h (Z + S Z W3) + b                                 (B, 16)      (12)
//   Z̃ = [Zʳ, Ẑ]                                              (B, 24)      (13)
//   u_ij = (1 + ‖z̃_i − z̃_j‖²)⁻¹, q_ij = u_ij / Σ_l u_il, i ≠ j            (15)
//   p_ij ∝ q_ij² / Σ_i q_ij, rows sum to 1                                (16)
//   L_kl = mean_i KL(p_i ‖ q_i)                                           (17)
//   d_ij = ‖z̃_i − V_j‖², w̃ = softmax_j(−d), w ∝ w̃², rows sum to 1         (18, 19)
//   L_dk = mean_i Σ_j w_ij d_ij                                           (20)
//   L = λ1 L_rec + λ2 (φ L_kl + γ L_dk)                                   (14, 21)
//
// (15) to (20) are of the codes of X without noise.

import Autodiff
import NeuralNetworks
import Tensors
import Training

/// How cells of a batch attend to each other.
package enum Aggregation: String, Sendable, CaseIterable {
  /// Equations 10 to 12 of the paper.
  case paper
  /// A full transformer layer: the released program's.
  case transformer
  /// Not at all: the paper's ablation.
  case none
}

/// The published model of scEMC: its layers and its losses.
package struct ScEMC<S: EngineScalar>: TrainableModel {
  package typealias Source = PairedSteps<S>
  package static var name: String { "scemc" }

  package let configuration: Configuration
  package let parameters = Parameters<S>()
  /// V, where the model has been given clusters. (K, codeWidth)
  package let centers: Parameter?
  let rnaEncoder: [NormalizedDense<S>]
  let secondEncoder: [NormalizedDense<S>]
  /// The biases of the first layers of encoders that see batches, one for each. (batches,
  /// encoder[0])
  private let batchBiases: (rna: Parameter?, second: Parameter?)
  let attention: CellAttention?
  let transformer: TransformerLayer?
  let decoders: PairedDecoders<S>

  /// Declares the layers; with `clusters` also that many centers.
  package init(_ configuration: Configuration, clusters: Int? = nil) {
    self.configuration = configuration
    let (c, parameters) = (configuration, parameters)
    rnaEncoder = layerStack(
      "encoder.rna", c.genes * (c.hops + 1), c.encoder, in: parameters)
    secondEncoder =
      c.features.map { layerStack("encoder.second", $0, c.encoder, in: parameters) } ?? []
    let encoded = c.encodedBatches
    batchBiases = (
      parameters.batchBiases(of: encoded, width: c.encoder[0]),
      parameters.batchBiases(
        of: c.features == nil ? 0 : encoded, width: c.encoder[0], encoder: "encoder.second")
    )
    attention =
      c.aggregation == .paper
      ? CellAttention("attention", width: c.jointWidth, in: parameters) : nil
    transformer =
      c.aggregation == .transformer
      ? TransformerLayer(
        "transformer", width: c.jointWidth, inner: c.feedForward, dropout: c.dropout,
        in: parameters) : nil
    decoders = PairedDecoders(
      PairedDecoders.Shape(
        genes: c.genes, features: c.features, secondHasCounts: c.secondHasCounts, rna: c.decoder,
        second: c.secondDecoder, dispersion: c.dispersion, batches: c.batches),
      latent: c.codeWidth, in: parameters)
    centers = clusters.map {
      parameters.declare("centers", rows: $0, columns: c.codeWidth, .zeros)
    }
  }

  /// Every normalized layer, for the statistics that are no parameters.
  var normalizedLayers: [NormalizedDense<S>] {
    rnaEncoder + secondEncoder + decoders.layers
  }

  /// Draws all weights and resets the statistics.
  package func initialize(seed: UInt64) {
    parameters.initialize(seed: seed)
    for layer in normalizedLayers { layer.statistics.reset() }
  }
}

extension ScEMC {
  /// Zʳ, and Z = [Zʳ, Zᵃ] (1, 2, 9); of X + σ n if the noise is named. (B, latent), (B, jointWidth)
  func encoded(
    _ batch: PairedBatch<S>, noise: NoiseKey?, mode: NormalizationMode, on tape: Tape<S>
  ) -> (rna: Variable<S>, joint: Variable<S>) {
    func run(
      _ layers: [NormalizedDense<S>], _ measurement: MeasurementBatch<S>, _ biases: Parameter?,
      _ sigma: Double, _ part: UInt64
    ) -> Variable<S> {
      let first = measurement.encoded(
        by: layers[0], noise: noise.map { (sigma, $0.part(part)) }, batchBiases: biases,
        mode: mode, on: tape)
      return layers.dropFirst().reduce(first) { $1($0, mode: mode, on: tape) }
    }
    let rna = run(rnaEncoder, batch.rna, batchBiases.rna, configuration.rnaNoise, 1)
    guard let second = batch.second, !secondEncoder.isEmpty else { return (rna, rna) }
    let other = run(secondEncoder, second, batchBiases.second, configuration.secondNoise, 2)
    return (rna, tape.concatenate([rna, other]))
  }

  /// Z̃ (10 to 13) of a batch whose cells attend to each other; of X + σ n if the noise is named.
  /// (B, codeWidth)
  package func codes(
    _ batch: PairedBatch<S>, noise: NoiseKey?, dropping: NoiseKey?, mode: NormalizationMode,
    on tape: Tape<S>
  ) -> Variable<S> {
    let (rna, joint) = encoded(batch, noise: noise, mode: mode, on: tape)
    var aggregated = joint
    if let attention { aggregated = attention(joint, on: tape) }
    if let transformer { aggregated = transformer(joint, dropping: dropping, on: tape) }
    return configuration.skips ? tape.concatenate([rna, aggregated]) : aggregated
  }
}

extension ScEMC {
  /// L_rec (3 to 8), and φ L_kl (15 to 17) after half of the epochs. Without reconstruction,
  /// φ L_kl is the only term, from the first epoch on.
  package func pretrainingLoss(_ batch: PairedBatch<S>, on tape: Tape<S>) -> [LossTerm] {
    let c = configuration
    let isLate = batch.plan.map { $0.epoch > Int(c.pairsBegin * Double($0.epochs)) } ?? true
    return loss(
      batch,
      Weights(
        reconstruction: c.reconstructs ? 1 : 0,
        pairs: c.clusters && (isLate || !c.reconstructs) ? c.phi : 0, centers: 0), on: tape)
  }

  /// λ1 L_rec + λ2 (φ L_kl + γ L_dk) (14, 21), or one of the two; L_dk of (18 to 20).
  package func clusteringLoss(
    _ batch: PairedBatch<S>, _ objective: ClusteringObjective, on tape: Tape<S>
  ) -> [LossTerm] {
    let c = configuration
    let lambda2 = c.clusters && objective.clusters ? c.lambda2 : 0
    var weights = Weights(
      reconstruction: c.reconstructs && objective.reconstructs ? c.lambda1 : 0,
      pairs: lambda2 * c.phi, centers: lambda2 * c.gamma)
    if case .supervised(let targets) = objective {
      (weights.pairs, weights.targets) = (0, targets)
    }
    return loss(batch, weights, on: tape)
  }

  /// The weights of the terms of a step; a term of weight 0 is left out.
  private struct Weights {
    var reconstruction: Double
    /// The weight of L_kl.
    var pairs: Double
    /// The weight of L_dk.
    var centers: Double
    /// Given clusters in place of the nearest centers.
    var targets: Buffer<Int32>?
  }

  /// The clean codes are always computed: evaluation normalizes by their statistics.
  private func loss(_ batch: PairedBatch<S>, _ weights: Weights, on tape: Tape<S>) -> [LossTerm] {
    let (c, noise) = (configuration, batch.noise)
    var terms: [LossTerm] = []
    let updating = NormalizationMode.training(updatingStatistics: true)
    if weights.reconstruction > 0 {
      let noisy = NormalizationMode.training(updatingStatistics: c.countsNoisyStatistics)
      let codes = codes(
        batch, noise: noise, dropping: noise?.part(3), mode: c.mode ?? noisy, on: tape)
      terms += decoders.loss(
        of: codes, batch, weight: weights.reconstruction, mode: c.mode ?? updating, on: tape)
    }
    let clean = codes(
      batch, noise: nil, dropping: noise?.part(4), mode: c.mode ?? updating, on: tape)
    if weights.pairs > 0 {
      terms.append(
        LossTerm("pairs", weight: weights.pairs) {
          tape.pairwiseLoss(
            of: clean, weight: S($0), differentiatingTarget: c.differentiatesTarget)
        })
    }
    if weights.centers > 0, centers != nil {
      let centers = centerWeights(areTrained: c.trainsCenters, on: tape)
      terms.append(
        LossTerm("centers", weight: weights.centers) { weight in
          if let targets = weights.targets {
            return tape.distanceLoss(of: clean, to: centers, targets: targets, weight: S(weight))
          }
          return tape.deepKMeansLoss(
            of: clean, to: centers, by: c.distance, weight: S(weight))
        })
    }
    return terms
  }
}
