// scTPF: a graph auto-encoder with a ZINB decoder (Mrabah, Amar, Bouguessa, Diallo: AAAI 2023,
// 37(8), 9235-9242). Numbers in brackets are the paper's equations; lines are those of its
// Algorithm 1.
//
//   H = relu(Σ_t Âᵗ X W1_t + b1)                            (N, 128)
//   Z = Σ_t Âᵗ H W2_t + b2                                  (N, 15)    line 8
//   A' = sigmoid((Z W3 + b3) M (Z W3 + b3)ᵀ)                (N, N)
//   D = relu(relu(relu(Z·128)·256)·512)                     (N, 512)
//   L_SS = 0.3 mean (A − A')² + mean −log ZINB(x | π, μ, θ of D)
//   p_ij = (1 + ‖z_i − Ω_j‖²)⁻¹ / Σ_l (1 + ‖z_i − Ω_l‖²)⁻¹  (N, J)     (7)
//   q_i = one-hot(argmax_j p_ij) of a reliable cell i in Θ, else p_i held constant
//   L_PS = mean_i KL(p_i ‖ q_i)                                        (4)
//   L = L_SS + γ L_PS, with the graph of T for A in L_SS               line 13
//
// Pretraining minimizes L_SS (lines 1 to 4). Between the epochs with clusters, `FilterRule` finds Θ
// by F and the graph by T (lines 9 to 12). Λ_FR (10) and Λ_FD (12) are in
// Training/GradientAgreement.swift.

import Autodiff
import NeuralNetworks
import Tensors
import Training

/// The published model of scTPF: its layers, its self-supervised and its pseudo-supervised loss.
package struct ScTPF<S: EngineScalar>: TrainableModel {
  package typealias Source = GraphSteps<S>
  package static var name: String { "sctpf" }

  /// The shape of the model and the weights of its losses; the defaults are the paper's.
  package struct Configuration: Sendable, Equatable {
    package var genes: Int
    package var hidden = 128
    package var latent = 15
    package var adjacencyWidth = 32
    package var decoder = [128, 256, 512]
    /// How many batches of cells the decoder sees beside the code; 0: none.
    package var batches = 0
    /// Whether the first layer of the encoder has a bias for each of them.
    package var encodesBatches = false
    /// T, the highest power of Â in the first layer, and in the second. The paper has 3 in both.
    /// With 0 in the second, a cell's code depends on hop products of the input alone. Then a step
    /// on some cells needs no others.
    package var (hops, latentHops) = (3, 3)
    /// Whether layers multiply [X, ÂX, ÂX, …]: one hop T times, as the library of the released
    /// program, in place of true powers.
    package var repeatsHop = false
    /// Whether the decoder explains the standardized values, as the released program, in the place
    /// of counts. The data decide; the model remembers.
    package var explainsInput = false
    /// Whether the decoder explains by a ZINB likelihood. In the ablation without that loss, one
    /// linear head explains the standardized values by their squared error.
    package var usesLikelihood = true
    /// The weight of the adjacency loss in L_SS; with 0 the model has no such loss.
    package var adjacencyWeight = 0.3
    /// γ: the weight of the pseudo-supervised loss.
    package var gamma = 1.5
    /// Whether the centers are trained like every weight.
    package var trainsCenters = true

    package init(genes: Int) { self.genes = genes }

    /// What the decoder sees: the code and the batches.
    var decoderInputs: Int { latent + batches }
    /// The width of the decoder's last layer, before the heads.
    var lastDecoder: Int { decoder.last ?? decoderInputs }

    /// The ablation without the ZINB loss.
    package mutating func dropLikelihood() { (usesLikelihood, explainsInput) = (false, false) }
  }

  package let configuration: Configuration
  package let parameters = Parameters<S>()
  /// Ω, where the model has been given clusters. (J, latent)
  package let centers: Parameter?
  let encoder: [TagConvolutionLayer]
  /// The biases of the first layer, one for every batch, of an encoder that sees them. (batches,
  /// hidden)
  let encoderBatches: Parameter?
  let adjacencyDense: Dense
  let bilinear: Parameter
  let decoder: [Dense]
  /// The heads of the likelihood.
  let heads: ZINBHeads?
  /// The head of the ablation without it.
  let values: Dense?

  /// Declares the layers; with `clusters` also that many centers.
  package init(_ configuration: Configuration, clusters: Int? = nil) {
    self.configuration = configuration
    let c = configuration
    encoder = [
      TagConvolutionLayer(
        "encoder.0", inputs: c.genes, outputs: c.hidden, hops: c.hops,
        repeatsHop: c.repeatsHop, rectifying: !c.encodesBatches, in: parameters),
      TagConvolutionLayer(
        "encoder.1", inputs: c.hidden, outputs: c.latent, hops: c.latentHops,
        repeatsHop: c.repeatsHop, in: parameters),
    ]
    encoderBatches = parameters.batchBiases(of: c.encodedBatches, width: c.hidden)
    adjacencyDense = Dense(
      "adjacency", inputs: c.latent, outputs: c.adjacencyWidth, in: parameters)
    bilinear = parameters.declare(
      "adjacency.bilinear", rows: c.adjacencyWidth, columns: c.adjacencyWidth, .glorotUniform)
    var layers: [Dense] = []
    for (i, width) in c.decoder.enumerated() {
      layers.append(
        Dense(
          "decoder.\(i)", inputs: i == 0 ? c.decoderInputs : c.decoder[i - 1], outputs: width,
          rectifying: true, in: parameters))
    }
    decoder = layers
    let width = c.lastDecoder
    heads =
      c.usesLikelihood
      ? ZINBHeads("zinb", inputs: width, genes: c.genes, in: parameters) : nil
    values =
      c.usesLikelihood ? nil : Dense("values", inputs: width, outputs: c.genes, in: parameters)
    if let clusters {
      centers = parameters.declare("centers", rows: clusters, columns: c.latent, .zeros)
    } else {
      centers = nil
    }
  }

  /// T, where the codes of some cells need no more than those cells' hop products [X, ÂX, …, ÂᵀX];
  /// nil where they need the whole graph.
  package var hopsOfLocalCodes: Int? {
    configuration.latentHops == 0 && !configuration.repeatsHop ? configuration.hops : nil
  }

  /// The cells over their graph, dealt to steps for this model.
  package func steps(over data: GraphData<S>, _ graph: ModelGraph<S>, plan: BatchPlan)
    -> GraphSteps<S>
  {
    GraphSteps(data, over: graph, reach: hopsOfLocalCodes, plan: plan)
  }

  /// The latent codes Z of a step. (B, D)
  package func embed(_ cells: GraphBatch<S>, on tape: Tape<S>) -> Variable<S> {
    func rectified(_ sums: Variable<S>) -> Variable<S> {
      // Without such biases the layer has rectified already.
      guard encoderBatches != nil else { return sums }
      return tape.relu(tape.shifted(sums, by: encoderBatches, of: cells.encoded))
    }
    switch cells.input {
    case .products(let products):
      return encoder[1].local(rectified(encoder[0].products(products, on: tape)), on: tape)
    case .graph(let input, let propagation, let rows):
      let hidden = rectified(encoder[0](input, over: propagation, on: tape))
      let codes = encoder[1](hidden, over: propagation, on: tape)
      return rows.map { tape.rows($0, of: codes) } ?? codes
    }
  }

  package func codes(over source: GraphSteps<S>) -> Matrix<S> {
    let tape = Tape(parameters)
    return source.codes(on: tape) { embed($0, on: tape).value }
  }

  /// p_ij, Student's t around the centers (7).
  package func assignment(of codes: Matrix<S>) -> Assignment<S> {
    Assignment(shares: softAssignment(of: Window(reading: codes), to: centerValues))
  }
}

extension ScTPF {
  /// L_SS.
  package func pretrainingLoss(_ cells: GraphBatch<S>, on tape: Tape<S>) -> [LossTerm] {
    selfSupervisedLoss(of: embed(cells, on: tape), cells, on: tape)
  }

  /// L_SS + γ L_PS, or one of them.
  package func clusteringLoss(
    _ cells: GraphBatch<S>, _ objective: ClusteringObjective, on tape: Tape<S>
  ) -> [LossTerm] {
    let latent = embed(cells, on: tape)
    let own =
      objective.reconstructs ? selfSupervisedLoss(of: latent, cells, on: tape) : []
    return own + (objective.clusters ? [clusterLoss(of: latent, cells, objective, on: tape)] : [])
  }

  /// L_SS = 0.3 mean (A − A')² + mean −log ZINB(x | π, μ, θ), or without the likelihood mean (D W +
  /// b − X)² in its place.
  func selfSupervisedLoss(
    of latent: Variable<S>, _ cells: GraphBatch<S>, on tape: Tape<S>
  ) -> [LossTerm] {
    let adjacency =
      configuration.adjacencyWeight == 0 ? [] : [adjacencyLoss(of: latent, cells, on: tape)]
    let seen = tape.conditioned(latent, on: cells.covariate, batches: configuration.batches)
    let decoded = decoder.reduce(seen) { $1($0, on: tape) }
    return adjacency + [
      LossTerm(heads == nil ? "values" : "zinb") { weight in
        if let heads {
          return tape.zinbLoss(heads, of: decoded, to: cells.target, weight: S(weight))
        }
        guard let values else { preconditionFailure("a model without a head") }
        return tape.valuesLoss(values, of: decoded, to: cells.values, weight: S(weight))
      }
    ]
  }

  /// mean (A − A')².
  private func adjacencyLoss(
    of latent: Variable<S>, _ cells: GraphBatch<S>, on tape: Tape<S>
  ) -> LossTerm {
    let codes = adjacencyDense(latent, on: tape)
    return LossTerm("adjacency", weight: configuration.adjacencyWeight) { weight in
      cells.structure.reduce(0.0) { sum, sample in
        sum
          + sample.share
          * tape.adjacencyLoss(
            of: sample.rows.map { tape.rows($0, of: codes) } ?? codes,
            bilinear: tape.variable(bilinear), to: sample.target,
            weight: S(weight * sample.share))
      }
    }
  }

  /// L_PS = mean_i KL(p_i ‖ q_i) (4). q_i is the one-hot assignment of a trusted cell, else p_i
  /// held constant. In L_S, q_i is the one-hot of a given cluster.
  private func clusterLoss(
    of latent: Variable<S>, _ cells: GraphBatch<S>, _ objective: ClusteringObjective,
    on tape: Tape<S>
  ) -> LossTerm {
    let centers = centerWeights(areTrained: configuration.trainsCenters, on: tape)
    return LossTerm("cluster", weight: configuration.gamma) { weight in
      if case .supervised(let targets) = objective {
        return tape.assignmentLoss(of: latent, to: centers, targets: targets, weight: S(weight))
      }
      let trusted = cells.trusted ?? Buffer(repeating: 1, count: latent.rows)
      return tape.assignmentLoss(of: latent, to: centers, reliable: trusted, weight: S(weight))
    }
  }
}

extension ScTPF.Configuration {
  /// The shape of the model that these weights belong to.
  ///
  /// - Throws: `ModelFault` where the weights do not make an scTPF model.
  package init(of weights: ModelWeights, named model: String = ScTPF.name) throws(ModelFault) {
    func width(_ name: String) throws(ModelFault) -> Int {
      try weights.width(name, of: model)
    }
    let usesLikelihood = weights["values.bias"] == nil
    self.init(genes: try width(usesLikelihood ? "zinb.mean.bias" : "values.bias"))
    self.usesLikelihood = usesLikelihood
    hidden = try width("encoder.0.bias")
    latent = try width("encoder.1.bias")
    adjacencyWidth = try width("adjacency.bias")
    decoder = try weights.widths("decoder", of: model)
    batches = try weights.batches(of: "decoder", latent: latent, model: model)
    encodesBatches = batches > 0 && weights.encodesBatches
    hops = (weights["encoder.0.kernel"]?.rows ?? 0) / genes - 1
    latentHops = (weights["encoder.1.kernel"]?.rows ?? 0) / hidden - 1
    guard hops >= 0 && latentHops >= 0 else {
      throw ModelFault(
        .badData,
        "model.\(model).encoder: a kernel has fewer rows than its layer has inputs; run sc-pretrain again"
      )
    }
  }
}
