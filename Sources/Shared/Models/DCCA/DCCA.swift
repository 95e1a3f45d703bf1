// DCCA: a variational autoencoder of each of two measurements, each taught by the codes of the
// other (Zuo, Dai, Chen: Bioinformatics 37, 4091, 2021). It reads no graph. B cells in a step, G
// genes, M features of the second measurement, D code width.
//
//   z = m + e^(l/2) ε, m and l of ln(1 + counts), or of peaks as 0 and 1      (B, D)
//   L = mean_i [−log p(x_i | z_i) + κ KL(N(m_i, e^l_i) ‖ N(0, 1)) + s ‖z_i − t_i‖²]
//
// One autoencoder learns at a time, and the other is constant meanwhile; t is the other's mean m.
// κ grows from 0 to 1 in the first epochs of a round. Cells that are held out end the rounds.

import Autodiff
import NeuralNetworks
import Tensors
import Training

/// The published model of DCCA: its layers and its losses.
package struct DCCA<S: EngineScalar>: TrainableModel {
  package typealias Source = PairedSteps<S>
  package static var name: String { "dcca" }

  /// The shape of the model and the weights of its losses; the defaults are the paper's.
  package struct Configuration: Sendable, Equatable {
    package var genes: Int
    /// The columns of the second measurement.
    package var features: Int
    package var rnaLikelihood = Likelihood.nb
    package var secondLikelihood = Likelihood.bernoulli
    /// The widths of the hidden layers.
    package var rnaEncoder = [128]
    package var rnaDecoder = [128]
    package var secondEncoder = [1500, 128]
    package var secondDecoder: [Int] = []
    /// D: of each of the two codes.
    package var latent = 10
    /// How many batches of cells the decoders see beside the code; 0: none.
    package var batches = 0
    /// Whether the first layers of the encoders have a bias for each of them.
    package var encodesBatches = false
    /// The share of the hidden values that training drops.
    package var dropout = 0.1
    /// s where the RNA teaches the second measurement, and where that teaches the RNA.
    package var rnaTeaches = 5.0
    package var secondTeaches = 1.0
    /// Epochs of a round after which κ is 1.
    package var warmUp = 10
    /// λ: the weight decay.
    package var decay = 1e-6
    /// What the codes are.
    package var codes = CodeChoice.joint

    package init(genes: Int, features: Int) { (self.genes, self.features) = (genes, features) }
  }

  package let configuration: Configuration
  package let parameters = Parameters<S>()
  /// Where the model has been given clusters. (K, width of the codes)
  package let centers: Parameter?
  private let autoencoders: [VariationalAutoencoder<S>]
  /// The moments of the means m of all cells that pretraining saw, RNA first. (1, 2 D)
  private let codeMeans: Window<S>
  private let codeVariances: Window<S>

  /// Declares the layers; with `clusters` also that many centers.
  package init(_ configuration: Configuration, clusters: Int? = nil) {
    self.configuration = configuration
    let (c, parameters) = (configuration, parameters)
    typealias Shape = VariationalAutoencoder<S>.Shape
    autoencoders = [
      VariationalAutoencoder(
        "rna",
        Shape(
          features: c.genes, encoder: c.rnaEncoder, decoder: c.rnaDecoder, latent: c.latent,
          likelihood: c.rnaLikelihood, batches: c.batches, encodedBatches: c.encodedBatches),
        in: parameters),
      VariationalAutoencoder(
        "second",
        Shape(
          features: c.features, encoder: c.secondEncoder, decoder: c.secondDecoder,
          latent: c.latent, likelihood: c.secondLikelihood, batches: c.batches,
          encodedBatches: c.encodedBatches), in: parameters),
    ]
    codeMeans = Window(uninitializedRows: 1, columns: 2 * c.latent)
    codeVariances = Window(uninitializedRows: 1, columns: 2 * c.latent)
    centers = clusters.map {
      parameters.declare("centers", rows: $0, columns: c.codeWidth, .zeros)
    }
    resetCodeMoments()
  }

  private func resetCodeMoments() {
    codeMeans.fill(with: 0)
    codeVariances.fill(with: 1)
  }

  package var statistics: [(name: String, window: Window<S>)] {
    Models.statistics(of: autoencoders.flatMap(\.layers))
      + [("codes.mean", codeMeans), ("codes.variance", codeVariances)]
  }

  /// Draws all weights and resets the statistics.
  package func initialize(seed: UInt64) {
    parameters.initialize(seed: seed)
    for layer in autoencoders.flatMap(\.layers) { layer.statistics.reset() }
    resetCodeMoments()
  }
}

/// What the codes of DCCA are.
package enum CodeChoice: String, Sendable, CaseIterable {
  /// The means of both measurements, standardized and side by side.
  case joint
  /// Those of the RNA, or of the second measurement, alone.
  case rna, second
}

/// Which autoencoder of DCCA learns in a round, and from what: the numbers of `StepPlan.part`.
package enum DCCAPart: Int, Sendable {
  case rnaAlone = 1
  case secondAlone, secondTaught, rnaTaught

  /// The place of the one that learns.
  var student: Int { self == .rnaAlone || self == .rnaTaught ? 0 : 1 }
  var isTaught: Bool { self == .secondTaught || self == .rnaTaught }
}

// The codes.
extension DCCA {
  private func measured(_ batch: PairedBatch<S>, _ number: Int) -> MeasurementBatch<S> {
    if number == 0 { return batch.rna }
    guard let second = batch.second else { preconditionFailure("a step without a second modality") }
    return second
  }

  /// m of one measurement, as evaluation has it. (B, D)
  private func means(_ number: Int, _ batch: PairedBatch<S>, on tape: Tape<S>) -> Window<S> {
    autoencoders[number].encode(
      measured(batch, number), noise: nil, mode: .evaluation, on: tape
    ).distribution.mean.value
  }

  /// m of both, not standardized. (N, 2 D)
  private func means(over source: PairedSteps<S>) -> Matrix<S> {
    source.codes(on: Tape(parameters)) { batch, tape in
      tape.concatenate((0..<2).map { tape.constant(means($0, batch, on: tape)) }).value
    }
  }

  /// The means of both measurements, by the moments that pretraining left, or of one. A column that
  /// does not vary is 0.
  package func codes(over source: PairedSteps<S>) -> Matrix<S> {
    let all = means(over: source)
    let columns = configuration.columnsOfCodes
    var result = Matrix<S>(uninitializedRows: all.rows, columns: columns.count)
    for (place, column) in columns.enumerated() {
      let (mean, variance) = (Double(codeMeans[0, column]), Double(codeVariances[0, column]))
      let scale = variance > 0 ? 1 / variance.squareRoot() : 0
      for i in 0..<all.rows { result[i, place] = S((Double(all[i, column]) - mean) * scale) }
    }
    return result
  }

  /// Keeps the moments of the codes.
  package func finishPretraining(over source: PairedSteps<S>) {
    let all = means(over: source)
    let order = source.order ?? Array(0..<all.rows)
    for j in 0..<all.columns {
      let mean = order.reduce(0.0) { $0 + Double(all[$1, j]) } / Double(max(1, all.rows))
      let squares = order.reduce(0.0) { sum, i in
        let difference = Double(all[i, j]) - mean
        return sum + difference * difference
      }
      codeMeans[0, j] = S(mean)
      codeVariances[0, j] = S(squares / Double(max(1, all.rows)))
    }
  }

  /// Student's t around the centers, and the nearest of them.
  package func assignment(of codes: Matrix<S>) -> Assignment<S> {
    Assignment(shares: softAssignment(of: Window(reading: codes), to: centerValues))
  }
}

// The losses.
extension DCCA {
  /// κ in an epoch of a round, from 1.
  package func divergenceWeight(inEpoch epoch: Int) -> Double {
    configuration.warmUp > 0 ? min(1, Double(epoch) / Double(configuration.warmUp)) : 1
  }

  /// The loss of the autoencoder that the step is for; without a plan of both, alone.
  package func pretrainingLoss(_ batch: PairedBatch<S>, on tape: Tape<S>) -> [LossTerm] {
    let part = batch.plan.flatMap { DCCAPart(rawValue: $0.part) }
    let kappa = divergenceWeight(inEpoch: batch.plan?.roundEpoch ?? configuration.warmUp)
    let parts = part.map { [$0] } ?? [.rnaAlone, .secondAlone]
    return parts.flatMap { part in
      let noise = batch.noise.map {
        SeededPassNoise<S>(
          key: $0.part(UInt64(part.student + 1)), dropout: configuration.dropout)
      }
      let terms = loss(
        batch, part, kappa: kappa, noise: noise, mode: .training(updatingStatistics: true),
        on: tape)
      tape.decayWeights(
        of: autoencoders[part.student].parameters, by: S(configuration.decay))
      return terms
    }
  }

  /// The same without noise and with κ = 1.
  package func heldOutLoss(_ batch: PairedBatch<S>, on tape: Tape<S>) -> [LossTerm] {
    let part = batch.plan.flatMap { DCCAPart(rawValue: $0.part) }
    return (part.map { [$0] } ?? [.rnaAlone, .secondAlone]).flatMap {
      loss(batch, $0, kappa: 1, noise: nil, mode: .evaluation, on: tape)
    }
  }

  /// There are no losses of clusters: those of both autoencoders, alone.
  package func clusteringLoss(
    _ batch: PairedBatch<S>, _ objective: ClusteringObjective, on tape: Tape<S>
  ) -> [LossTerm] {
    objective.reconstructs
      ? [.rnaAlone, .secondAlone].flatMap {
        loss(batch, $0, kappa: 1, noise: nil, mode: .evaluation, on: tape)
      } : []
  }

  /// The terms of one autoencoder in a step, under noise that is given.
  ///
  /// - Parameter teacher: the codes of the other (B, D); nil: its means.
  package func loss(
    _ batch: PairedBatch<S>, _ part: DCCAPart, kappa: Double, noise: (any PassNoise<S>)?,
    mode: NormalizationMode, teacher given: Window<S>? = nil, on tape: Tape<S>
  ) -> [LossTerm] {
    let student = part.student
    let teacher = part.isTaught ? given ?? means(1 - student, batch, on: tape) : nil
    let (model, values) = (autoencoders[student], measured(batch, student))
    let pass = model.encode(values, noise: noise, mode: mode, on: tape)
    let name = student == 0 ? "rna" : "second"
    var terms = [
      LossTerm(name) {
        model.reconstructionLoss(
          of: pass.code, to: values, weight: S($0), noise: noise, mode: mode, on: tape)
      },
      LossTerm("\(name)_kl", weight: kappa) {
        tape.gaussianDivergenceLoss(
          mean: pass.distribution.mean, logVariance: pass.distribution.logVariance, weight: S($0))
      },
    ]
    if let teacher {
      let strength = student == 0 ? configuration.secondTeaches : configuration.rnaTeaches
      let width = Double(configuration.latent)
      terms.append(
        LossTerm("\(name)_teacher", weight: strength) {
          width * tape.squaredErrorLoss(of: pass.code, to: teacher, weight: S($0 * width))
        })
    }
    return terms
  }
}
