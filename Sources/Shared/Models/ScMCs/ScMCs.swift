// scMCs: two autoencoders whose codes attend to the cells alike, beside what both say of a cell
// (Ren, Wang, Li, Li, Yu: Bioinformatics 39, btad133, 2023). It reads no graph. B cells in a step,
// G genes, M features of the second measurement, D code width.
//
//   g = softmax(z zᵀ / √D) z of each measurement's code z              (B, D)
//   q = relu(z W + b) by shared weights, c = [q_x, q_y] W' + b'        (B, D)
//   z_I = β g_x + λ g_y + c
//   L = −log p(x | z_I) − ω log p(y | z_I) + CE(which measurement g is of) + κ L_con(q_x, q_y)
//
// Each autoencoder learns alone first, by its own code. In training the cells of a step attend to
// each other.

import Autodiff
import NeuralNetworks
import Tensors
import Training

/// The published model of scMCs: its layers and its losses.
package struct ScMCs<S: EngineScalar>: TrainableModel {
  package typealias Source = PairedSteps<S>
  package static var name: String { "scmcs" }

  /// The shape of the model and the weights of its losses; the defaults are the paper's.
  package struct Configuration: Sendable, Equatable {
    package var genes: Int
    /// The columns of the second measurement.
    package var features: Int
    package var rnaLikelihood = Likelihood.zinb
    package var secondLikelihood = Likelihood.bernoulli
    /// The widths of the encoders' hidden layers, which the decoders mirror.
    package var rnaEncoder = [500, 300, 128]
    package var secondEncoder = [3000, 2500, 1000, 128]
    /// D.
    package var latent = 16
    /// How many batches of cells the decoders see beside the code; 0: none.
    package var batches = 0
    /// Whether the first layers of the encoders have a bias for each of them.
    package var encodesBatches = false
    /// The share that training drops of all layers and of the shares of attention.
    package var dropout = 0.1
    /// β and λ: the weights of both measurements in the code.
    package var rnaShare = 1.0
    package var secondShare = 0.1
    /// ω: the weight of the second measurement's likelihood beside that of the RNA.
    package var secondWeight = 1e-4
    /// The weight of the cross-entropy of the classifier.
    package var classifierWeight = 1.0
    /// κ.
    package var contrastWeight = 0.01
    /// m: how much more the entropies weigh in the contrast.
    package var marginWeight = 10.0

    package init(genes: Int, features: Int) { (self.genes, self.features) = (genes, features) }
  }

  package let configuration: Configuration
  package let parameters = Parameters<S>()
  /// Where the model has been given clusters. (K, D)
  package let centers: Parameter?
  private let autoencoders: [RectifiedAutoencoder<S>]
  /// What q is made by, and c.
  private let shared: Dense
  private let fusion: Dense
  /// Which measurement a code is of.
  private let omics: [Dense]

  /// Declares the layers; with `clusters` also that many centers.
  package init(_ configuration: Configuration, clusters: Int? = nil) {
    self.configuration = configuration
    let (c, parameters) = (configuration, parameters)
    func autoencoder(_ name: String, _ features: Int, _ hidden: [Int], _ likelihood: Likelihood)
      -> RectifiedAutoencoder<S>
    {
      RectifiedAutoencoder(
        name, features: features, hidden: hidden, latent: c.latent, likelihood: likelihood,
        dropout: c.dropout, batches: c.batches, encodedBatches: c.encodedBatches, in: parameters)
    }
    autoencoders = [
      autoencoder("rna", c.genes, c.rnaEncoder, c.rnaLikelihood),
      autoencoder("second", c.features, c.secondEncoder, c.secondLikelihood),
    ]
    shared = Dense(
      "shared", inputs: c.latent, outputs: c.latent, rectifying: true, in: parameters)
    fusion = Dense("fusion", inputs: 2 * c.latent, outputs: c.latent, in: parameters)
    omics = [
      Dense("omics.0", inputs: c.latent, outputs: 5, in: parameters),
      Dense("omics.1", inputs: 5, outputs: 2, in: parameters),
    ]
    centers = clusters.map { parameters.declare("centers", rows: $0, columns: c.latent, .zeros) }
  }
}

/// Which part of scMCs learns in a round: the numbers of `StepPlan.part`.
package enum ScMCsPart: Int, Sendable {
  case rnaAlone = 1
  case secondAlone, fusion
}

// The codes.
extension ScMCs {
  /// Both measurements of a step.
  private func measured(_ batch: PairedBatch<S>) -> [MeasurementBatch<S>] {
    guard let second = batch.second else { preconditionFailure("a step without a second modality") }
    return [batch.rna, second]
  }

  /// z of one measurement. (B, D)
  private func encoded(
    _ number: Int, _ batch: PairedBatch<S>, noise: NoiseKey?, on tape: Tape<S>
  ) -> Variable<S> {
    autoencoders[number].encode(
      measured(batch)[number], noise: noise?.part(UInt64(number + 1)), on: tape)
  }

  /// g of one measurement, of cells that attend to each other. (B, D)
  private func attended(_ z: Variable<S>, _ number: Int, noise: NoiseKey?, on tape: Tape<S>)
    -> Variable<S>
  {
    let rate = configuration.dropout
    return tape.tiledAttention(
      queries: z, keys: z, values: z,
      dropout: noise.flatMap { rate > 0 ? (rate, $0.part(UInt64(number + 3))) : nil })
  }

  /// z_I of z and g of both measurements, with q of both. (B, D)
  private func fused(_ z: [Variable<S>], _ g: [Variable<S>], on tape: Tape<S>) -> (
    code: Variable<S>, shared: [Variable<S>]
  ) {
    let q = z.map { shared($0, on: tape) }
    let code = tape.weightedSum([
      (S(configuration.rnaShare), g[0]), (S(configuration.secondShare), g[1]),
      (1, fusion(tape.concatenate(q), on: tape)),
    ])
    return (code, q)
  }

  /// Cells that all cells attend to, at most.
  package static var referenceLimit: Int { 20_000 }

  /// z_I of all cells. They attend to all cells or, beyond `referenceLimit`, to the first in the
  /// order of work. That sample does not depend on the rows' order. (N, D)
  package func codes(over source: PairedSteps<S>) -> Matrix<S> {
    let (tape, width) = (Tape(parameters), configuration.latent)
    let all = source.codes(on: tape) { batch, tape in
      tape.concatenate((0..<2).map { encoded($0, batch, noise: nil, on: tape) }).value
    }.selectingRows(source.data.order)
    let own = (0..<2).map { part in
      let z = Window<S>(uninitializedRows: all.rows, columns: width)
      for i in 0..<all.rows {
        for d in 0..<width { z[i, d] = all[i, part * width + d] }
      }
      return z
    }
    let limit = min(Self.referenceLimit, all.rows)
    let attended = own.map { z in
      let g = Window<S>(uninitializedRows: z.rows, columns: width)
      let reference = z.slice(rows: 0..<limit)
      attend(queries: z, keys: reference, values: reference, into: g)
      return g
    }
    tape.reset()
    let code = fused(own.map(tape.constant), attended.map(tape.constant), on: tape).code
    return source.data.restored(code.value.matrix())
  }

  /// Student's t around the centers, and the nearest of them.
  package func assignment(of codes: Matrix<S>) -> Assignment<S> {
    Assignment(shares: softAssignment(of: Window(reading: codes), to: centerValues))
  }
}

// The losses.
extension ScMCs {
  /// The terms of what learns in the step.
  package func pretrainingLoss(_ batch: PairedBatch<S>, on tape: Tape<S>) -> [LossTerm] {
    loss(batch, noise: batch.noise, on: tape)
  }

  /// The same without dropout.
  package func heldOutLoss(_ batch: PairedBatch<S>, on tape: Tape<S>) -> [LossTerm] {
    loss(batch, noise: nil, on: tape)
  }

  /// There are no losses of clusters: those of the fusion, without dropout.
  package func clusteringLoss(
    _ batch: PairedBatch<S>, _ objective: ClusteringObjective, on tape: Tape<S>
  ) -> [LossTerm] {
    objective.reconstructs ? fusionLoss(batch, noise: nil, on: tape) : []
  }

  private func loss(_ batch: PairedBatch<S>, noise: NoiseKey?, on tape: Tape<S>) -> [LossTerm] {
    switch batch.plan.flatMap({ ScMCsPart(rawValue: $0.part) }) ?? .fusion {
    case .rnaAlone: [ownLoss(0, batch, noise: noise, on: tape)]
    case .secondAlone: [ownLoss(1, batch, noise: noise, on: tape)]
    case .fusion: fusionLoss(batch, noise: noise, on: tape)
    }
  }

  /// −log p of one measurement, of a code from which it is to be explained.
  private func reconstruction(
    _ number: Int, of code: Variable<S>, _ batch: PairedBatch<S>, weight: Double = 1,
    noise: NoiseKey?, on tape: Tape<S>
  ) -> LossTerm {
    LossTerm(number == 0 ? "rna" : "second", weight: weight) {
      autoencoders[number].reconstructionLoss(
        of: code, to: measured(batch)[number], weight: S($0),
        noise: noise?.part(UInt64(number + 1)), on: tape)
    }
  }

  private func ownLoss(
    _ number: Int, _ batch: PairedBatch<S>, noise: NoiseKey?, on tape: Tape<S>
  ) -> LossTerm {
    reconstruction(
      number, of: encoded(number, batch, noise: noise, on: tape), batch, noise: noise, on: tape)
  }

  /// The terms of the fusion.
  package func fusionLoss(_ batch: PairedBatch<S>, noise: NoiseKey?, on tape: Tape<S>)
    -> [LossTerm]
  {
    let z = (0..<2).map { encoded($0, batch, noise: noise, on: tape) }
    let g = z.enumerated().map { attended($1, $0, noise: noise, on: tape) }
    let (code, q) = fused(z, g, on: tape)
    return [
      reconstruction(0, of: code, batch, noise: noise, on: tape),
      reconstruction(
        1, of: code, batch, weight: configuration.secondWeight, noise: noise, on: tape),
      LossTerm("omics", weight: configuration.classifierWeight) { weight in
        (0..<2).reduce(0.0) { sum, number in
          let hidden = tape.sigmoid(omics[0](g[number], on: tape))
          return sum + 0.5
            * tape.crossEntropyLoss(
              of: omics[1](hidden, on: tape), target: number, weight: S(weight / 2))
        }
      },
      LossTerm("contrast", weight: configuration.contrastWeight) {
        tape.contrastLoss(
          of: q[0], and: q[1], marginWeight: configuration.marginWeight, weight: S($0))
      },
    ]
  }
}
