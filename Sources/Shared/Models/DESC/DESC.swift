// DESC: an autoencoder of standardized values whose codes are drawn to cluster centers (Li, Wang,
// Lyu, Pan, Zhang, Stambolian, Susztak, Reilly, Hu, Li: Nature Communications 11, 2338, 2020). It
// reads neither counts nor a graph. Batches of B cells, G genes, K clusters, layers 0 … L − 1.
//
//   Z = tanh(W_{L−1} … relu(W₀ X)), X cut at ±10                    (B, D)
//   pretraining of layer i: mean (f(V_i (m' h(W_i (m H_i)))) − H_i)²
//   then of all layers: mean (X' − X)²
//   clustering: mean_i KL(p_i ‖ q_i) alone, Q of Z
//
// H_i is the output of the layers before i, H₀ = X, m and m' are dropout. P is renewed between
// epochs.

import Autodiff
import NeuralNetworks
import Tensors
import Training

/// How the last layer of a decoder ends.
package enum OutputLayer: String, Sendable, CaseIterable {
  /// The paper and its program: no value beyond ±1 is reached.
  case tanh
  case linear
}

/// The published model of DESC: its layers and its losses.
package struct DESC<S: EngineScalar>: TrainableModel {
  package typealias Source = PairedSteps<S>
  package static var name: String { "desc" }
  /// Standardized values count as no more, on either side.
  private static var largestValue: S { 10 }

  /// The shape of the model; the defaults are the paper's.
  package struct Configuration: Sendable, Equatable {
    package var genes: Int
    /// The widths of the encoder's layers; the last is that of the code.
    package var encoder: [Int]
    package var output = OutputLayer.tanh
    /// The share of the inputs and of the hidden values that is dropped while a layer learns alone.
    package var dropout = 0.2
    /// How many batches of cells the decoder sees beside the code; 0: none.
    package var batches = 0
    /// Whether the first layer of the encoder has a bias for each of them.
    package var encodesBatches = false
    /// The weight of the clustering loss, which is the only one then.
    package var gamma = 1.0
    /// Whether the centers are trained like every weight.
    package var trainsCenters = true

    package init(genes: Int, encoder: [Int]) { (self.genes, self.encoder) = (genes, encoder) }

    /// The widths that the paper takes for that many cells.
    package static func widths(cells: Int) -> [Int] {
      switch cells {
      case 20_001...: [128, 32]
      case 10_001...: [64, 32]
      case 5_001...: [32, 16]
      case 2_001...: [128]
      case 501...: [64]
      default: [16]
      }
    }
  }

  /// The mask of a step: of number 0 for the input of a layer that learns alone, of 1 for its
  /// output.
  package typealias DropoutMasks = (_ number: Int, _ rows: Int, _ columns: Int) -> Window<S>

  package let configuration: Configuration
  package let parameters = Parameters<S>()
  /// Where the model has been given clusters. (K, D)
  package let centers: Parameter?
  private let encoder: [Dense]
  /// Layer i leads back from layer i of the encoder to what that reads.
  private let decoder: [Dense]
  /// The biases of the encoder's first layer, one for every batch, where it sees them. (batches,
  /// encoder[0])
  private let batchBiases: Parameter?

  /// Declares the layers; with `clusters` also that many centers.
  package init(_ configuration: Configuration, clusters: Int? = nil) {
    self.configuration = configuration
    let parameters = parameters
    let sizes = Array(zip([configuration.genes] + configuration.encoder, configuration.encoder))
    precondition(!sizes.isEmpty, "an encoder without layers")
    encoder = sizes.enumerated().map { i, size in
      Dense("encoder.\(i)", inputs: size.0, outputs: size.1, in: parameters)
    }
    decoder = sizes.enumerated().map { i, size in
      let seen = size.1 + (i == sizes.count - 1 ? configuration.batches : 0)
      return Dense("decoder.\(i)", inputs: seen, outputs: size.0, in: parameters)
    }
    batchBiases = parameters.batchBiases(
      of: configuration.encodedBatches, width: sizes[0].1)
    centers = clusters.map {
      parameters.declare(
        "centers", rows: $0, columns: configuration.encoder.last ?? 0, .zeros)
    }
  }
}

// The layers.
extension DESC {
  /// X of a batch, cut. (B, G)
  private func values(of batch: PairedBatch<S>, on tape: Tape<S>) -> Window<S> {
    let window = batch.rna.dense(on: tape)
    clamp(window, to: Self.largestValue)
    return window
  }

  /// What the first `count` layers make of X. (B, width)
  private func encoded(
    _ x: Window<S>, layers count: Int, _ covariate: BatchCovariate?, on tape: Tape<S>
  ) -> Variable<S> {
    (0..<count).reduce(tape.constant(x)) { encode($0, by: $1, covariate, on: tape) }
  }

  private func encode(
    _ x: Variable<S>, by i: Int, _ covariate: BatchCovariate?, on tape: Tape<S>
  ) -> Variable<S> {
    let own = encoder[i](x, on: tape)
    let sum = i == 0 ? tape.shifted(own, by: batchBiases, of: covariate) : own
    return i == encoder.count - 1 ? tape.tanh(sum) : tape.relu(sum)
  }

  private func decode(
    _ x: Variable<S>, by i: Int, _ covariate: BatchCovariate?, on tape: Tape<S>
  ) -> Variable<S> {
    let batches = i == decoder.count - 1 ? configuration.batches : 0
    let sum = decoder[i](tape.conditioned(x, on: covariate, batches: batches), on: tape)
    if i > 0 { return tape.relu(sum) }
    return configuration.output == .tanh ? tape.tanh(sum) : sum
  }

  /// Z of a batch. (B, D)
  package func codes(_ batch: PairedBatch<S>, on tape: Tape<S>) -> Variable<S> {
    encoded(values(of: batch, on: tape), layers: encoder.count, batch.covariate, on: tape)
  }

  package func codes(over source: PairedSteps<S>) -> Matrix<S> {
    source.codes(on: Tape(parameters)) { codes($0, on: $1).value }
  }

  /// Student's t around the centers, and the most likely cluster.
  package func assignment(of codes: Matrix<S>) -> Assignment<S> {
    Assignment(shares: softAssignment(of: Window(reading: codes), to: centerValues))
  }
}

// The losses.
extension DESC {
  /// The squared error of the layer that the step is for, or of all.
  package func pretrainingLoss(_ batch: PairedBatch<S>, on tape: Tape<S>) -> [LossTerm] {
    guard let plan = batch.plan, plan.part > 0 else { return [reconstructionLoss(batch, on: tape)] }
    let (rate, noise) = (configuration.dropout, batch.noise)
    return [
      layerLoss(plan.part - 1, batch, on: tape) { number, rows, columns in
        guard let key = noise?.part(UInt64(number + 1)) else {
          preconditionFailure("a step without noise")
        }
        return tape.dropoutMask(rows: rows, columns: columns, rate: rate, key: key)
      }
    ]
  }

  /// mean (X' − X)² of all layers.
  package func reconstructionLoss(_ batch: PairedBatch<S>, on tape: Tape<S>) -> LossTerm {
    let x = values(of: batch, on: tape)
    let code = encoded(x, layers: encoder.count, batch.covariate, on: tape)
    let output = encoder.indices.reversed().reduce(code) {
      decode($0, by: $1, batch.covariate, on: tape)
    }
    return LossTerm("mse") { tape.squaredErrorLoss(of: output, to: x, weight: S($0)) }
  }

  /// mean (H_i' − H_i)² of layer i alone, under these masks; the layers before it get no gradient.
  package func layerLoss(
    _ i: Int, _ batch: PairedBatch<S>, on tape: Tape<S>, masks: DropoutMasks
  ) -> LossTerm {
    let (x, covariate) = (values(of: batch, on: tape), batch.covariate)
    let input = tape.constant(i == 0 ? x : encoded(x, layers: i, covariate, on: tape).value)
    func dropped(_ values: Variable<S>, _ number: Int) -> Variable<S> {
      tape.dropout(values, mask: masks(number, values.rows, values.columns))
    }
    let hidden = encode(dropped(input, 0), by: i, covariate, on: tape)
    let output = decode(dropped(hidden, 1), by: i, covariate, on: tape)
    return LossTerm("mse") {
      tape.squaredErrorLoss(of: output, to: input.value, weight: S($0))
    }
  }

  /// γ mean_i KL(p_i ‖ q_i): there is no other loss with clusters. With given clusters their
  /// one-hot is p, and a cell without one counts as 0.
  package func clusteringLoss(
    _ batch: PairedBatch<S>, _ objective: ClusteringObjective, on tape: Tape<S>
  ) -> [LossTerm] {
    guard objective.clusters, configuration.gamma > 0 else { return [] }
    let latent = codes(batch, on: tape)
    let centers = centerWeights(areTrained: configuration.trainsCenters, on: tape)
    let targets = tape.targets(of: batch.targets, objective, clusters: centers.rows)
    return [
      LossTerm("cluster", weight: configuration.gamma) {
        tape.divergenceLoss(of: latent, to: centers, targets: targets, weight: S($0))
      }
    ]
  }
}

extension DESC.Configuration {
  /// The shape of the model that these weights belong to.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  package init(of weights: ModelWeights) throws(ModelFault) {
    let name = DESC.name
    self.init(
      genes: try weights.width("decoder.0.bias", of: name),
      encoder: try weights.layers("encoder", of: name))
    let last = encoder.count - 1
    batches = try weights.batches(of: "decoder", layer: last, latent: encoder[last], model: name)
    encodesBatches = batches > 0 && weights.encodesBatches
  }
}
