// scEMC: two measurements of the same cells, encoded apart, aggregated over the cells of a batch, with RNA kept by a skip connection
// (Hu, Liang, Dong, Wang, Zhao, He: Briefings in Bioinformatics 25(2), bbae102, 2024). Batches of B cells.
//
//   Zʳ = encoderʳ(Xʳ + σ_r n), Zᵃ = encoderᵃ(Xᵃ + σ_a n), Z = [Zʳ, Zᵃ]                  (B, 8), (B, 8), (B, 16)
//   Ẑ = W_h (Z + softmax(Z W1 (Z W2)ᵀ / √16) Z W3) + b,  Z̃ = [Zʳ, Ẑ]                    (B, 16), (B, 24)
//   L = λ1 (ZINB(xʳ | Z̃) + ZINB(xᵃ | Z̃)) + λ2 (φ L_kl + γ L_dk), the last two on the codes of X without noise

import Autodiff
import NeuralNetworks
import Tensors

/// How cells of a batch inform each other.
package enum Aggregation: String, Sendable, CaseIterable {
  /// Equations 10 to 12 of the paper.
  case paper
  /// A full transformer layer: the released program's.
  case transformer
  /// Not at all: the paper's ablation.
  case none
}

/// The published model of scEMC: its layers and its losses.
package struct ScEMC<S: EngineScalar> {
  package let configuration: Configuration
  package let parameters = Parameters<S>()
  /// V, where the model has been given clusters. (K, codeWidth)
  package let centers: Parameter?
  let rnaEncoder: [NormalizedDense<S>]
  let secondEncoder: [NormalizedDense<S>]
  let attention: CellAttention?
  let transformer: TransformerLayer?
  let rnaDecoder: [NormalizedDense<S>]
  let secondDecoder: [NormalizedDense<S>]
  let rnaHeads: ZINBHeads
  let secondHeads: ZINBHeads?
  let secondValues: Dense?

  /// Declares the layers; with `clusters` also that many centers.
  package init(_ configuration: Configuration, clusters: Int? = nil) {
    self.configuration = configuration
    let (c, parameters) = (configuration, parameters)
    func stack(_ name: String, _ inputs: Int, _ widths: [Int]) -> [NormalizedDense<S>] {
      zip([inputs] + widths, widths).enumerated().map { i, size in
        NormalizedDense("\(name).\(i)", inputs: size.0, outputs: size.1, in: parameters)
      }
    }
    rnaEncoder = stack("encoder.rna", c.genes * (c.hops + 1), c.encoder)
    secondEncoder = c.features.map { stack("encoder.second", $0, c.encoder) } ?? []
    attention =
      c.aggregation == .paper
      ? CellAttention("attention", width: c.jointWidth, in: parameters) : nil
    transformer =
      c.aggregation == .transformer
      ? TransformerLayer(
        "transformer", width: c.jointWidth, inner: c.feedForward, dropout: c.dropout,
        in: parameters) : nil
    rnaDecoder = stack("decoder.rna", c.codeWidth, c.decoder)
    rnaHeads = ZINBHeads(
      "zinb.rna", inputs: c.decoder.last ?? c.codeWidth, genes: c.genes, in: parameters)
    guard let features = c.features else {
      (secondDecoder, secondHeads, secondValues) = ([], nil, nil)
      centers = clusters.map {
        parameters.declare("centers", rows: $0, columns: c.codeWidth, .zeros)
      }
      return
    }
    secondDecoder = stack("decoder.second", c.codeWidth, c.secondDecoder)
    let width = c.secondDecoder.last ?? c.codeWidth
    secondHeads =
      c.secondHasCounts
      ? ZINBHeads("zinb.second", inputs: width, genes: features, in: parameters) : nil
    secondValues =
      c.secondHasCounts
      ? nil : Dense("values.second", inputs: width, outputs: features, in: parameters)
    centers = clusters.map {
      parameters.declare("centers", rows: $0, columns: c.codeWidth, .zeros)
    }
  }

  /// Every normalized layer, for the statistics that are no parameters.
  var normalizedLayers: [NormalizedDense<S>] {
    rnaEncoder + secondEncoder + rnaDecoder + secondDecoder
  }

  /// Draws all weights anew and forgets the statistics.
  package func initialize(seed: UInt64) {
    parameters.initialize(seed: seed)
    for layer in normalizedLayers { layer.statistics.reset() }
  }
}

extension ScEMC {
  /// Zʳ, and Z = [Zʳ, Zᵃ]; of X + σ n where the noise is named. (B, latent), (B, jointWidth)
  func encoded(
    _ batch: PairedBatch<S>, noise: NoiseKey?, mode: NormalizationMode, on tape: Tape<S>
  ) -> (rna: Variable<S>, joint: Variable<S>) {
    func run(
      _ layers: [NormalizedDense<S>], _ measurement: MeasurementBatch<S>, _ sigma: Double,
      _ part: UInt64
    ) -> Variable<S> {
      let first = measurement.encoded(
        by: layers[0], noise: noise.map { (sigma, $0.part(part)) }, mode: mode, on: tape)
      return layers.dropFirst().reduce(first) { $1($0, mode: mode, on: tape) }
    }
    let rna = run(rnaEncoder, batch.rna, configuration.rnaNoise, 1)
    guard let second = batch.second, !secondEncoder.isEmpty else { return (rna, rna) }
    let other = run(secondEncoder, second, configuration.secondNoise, 2)
    return (rna, tape.concatenate([rna, other]))
  }

  /// Z̃ of a batch whose cells attend to each other; of X + σ n where the noise is named. (B, codeWidth)
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

  /// weight · L_rec; its parts, not weighted. Writes the gradient of the codes.
  func reconstructionLoss(
    of codes: Variable<S>, _ batch: PairedBatch<S>, weight: Double, mode: NormalizationMode,
    on tape: Tape<S>
  ) -> [(name: String, value: Double)] {
    func decode(_ layers: [NormalizedDense<S>]) -> Variable<S> {
      layers.reduce(codes) { $1($0, mode: mode, on: tape) }
    }
    var parts: [(name: String, value: Double)] = []
    if let target = batch.rna.target {
      parts.append(
        ("rna", tape.zinbLoss(rnaHeads, of: decode(rnaDecoder), to: target, weight: S(weight))))
    }
    guard let second = batch.second else { return parts }
    if let secondHeads, let target = second.target {
      let decoded = decode(secondDecoder)
      parts.append(
        ("second", tape.zinbLoss(secondHeads, of: decoded, to: target, weight: S(weight))))
    } else if let secondValues {
      let prediction = secondValues(decode(secondDecoder), on: tape)
      let loss = tape.squaredErrorLoss(
        of: prediction, to: second.dense(on: tape), weight: S(weight))
      parts.append(("second", loss))
    }
    return parts
  }
}

extension ScEMC {
  /// One step of pretraining on a batch: L_rec, and φ L_kl on the clean codes where `withPairs`; with its gradients, ready for the optimizer.
  ///
  /// The clean codes are computed in any case: evaluation normalizes by their statistics. The batch must hold targets.
  package func pretrainingLoss(
    _ batch: PairedBatch<S>, noise: NoiseKey?, withPairs: Bool, on tape: Tape<S>
  ) -> LossTerms {
    loss(
      batch, noise: noise, reconstruction: configuration.reconstructs ? 1 : 0,
      pairs: withPairs && configuration.clusters ? configuration.phi : 0, centers: 0, on: tape)
  }

  /// One step of joint training on a batch: λ1 L_rec + λ2 (φ L_kl + γ L_dk), with its gradients.
  package func clusteringLoss(_ batch: PairedBatch<S>, noise: NoiseKey?, on tape: Tape<S>)
    -> LossTerms
  {
    let c = configuration
    return loss(
      batch, noise: noise, reconstruction: c.reconstructs ? c.lambda1 : 0,
      pairs: c.clusters ? c.lambda2 * c.phi : 0, centers: c.clusters ? c.lambda2 * c.gamma : 0,
      on: tape)
  }

  private func loss(
    _ batch: PairedBatch<S>, noise: NoiseKey?, reconstruction: Double, pairs: Double,
    centers weight: Double, on tape: Tape<S>
  ) -> LossTerms {
    var result = LossTerms(total: 0, parts: [])
    func add(_ name: String, _ value: Double, _ weight: Double) {
      result.total += weight * value
      result.parts.append((name, value))
    }
    let updating = NormalizationMode.training(updatingStatistics: true)
    if reconstruction > 0 {
      let noisy = NormalizationMode.training(
        updatingStatistics: configuration.countsNoisyStatistics)
      let codes = codes(
        batch, noise: noise, dropping: noise?.part(3), mode: configuration.mode ?? noisy, on: tape)
      let parts = reconstructionLoss(
        of: codes, batch, weight: reconstruction, mode: configuration.mode ?? updating, on: tape)
      for part in parts { add(part.name, part.value, reconstruction) }
    }
    let clean = codes(
      batch, noise: nil, dropping: noise?.part(4), mode: configuration.mode ?? updating, on: tape)
    if pairs > 0 {
      let value = tape.pairwiseLoss(
        of: clean, weight: S(pairs), differentiatingTarget: configuration.differentiatesTarget)
      add("pairs", value, pairs)
    }
    if weight > 0, let centers {
      let place = tape.variable(centers)
      let value = tape.deepKMeansLoss(
        of: clean, to: configuration.trainsCenters ? place : tape.constant(place.value),
        weight: S(weight))
      add("centers", value, weight)
    }
    tape.backward()
    return result
  }
}
