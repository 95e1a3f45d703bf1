// scTPF: a graph auto-encoder with a ZINB decoder (Mrabah, Amar, Bouguessa, Diallo: AAAI 2023, 37(8), 9235-9242).
//
//   H = relu(Σ_t Âᵗ X W1_t + b1)      (N, 128)        A' = sigmoid((Z W3 + b3) M (Z W3 + b3)ᵀ)
//   Z = Σ_t Âᵗ H W2_t + b2            (N, 15)         D  = relu(relu(relu(Z·128)·256)·512)
//   L_SS = 0.3 mean (A − A')² + mean −log ZINB(x | π, μ, θ)         L = L_SS + γ mean_i KL(p_i ‖ q_i)

import Autodiff
import NeuralNetworks
import Tensors

/// The published model of scTPF: its layers, its self-supervised and its pseudo-supervised loss.
package struct ScTPF<S: EngineScalar>: GraphModel {
  /// The shape of the model and the weights of its losses; the defaults are the paper's.
  package struct Configuration: Sendable, Equatable {
    package var genes: Int
    package var hidden = 128
    package var latent = 15
    package var adjacencyWidth = 32
    package var decoder = [128, 256, 512]
    /// T, the highest power of Â in the first layer, and in the second. With 0 in the second a cell's code depends on hop products of the input
    /// alone, so that a step on some cells needs no others; the paper has 3 in both.
    package var hops = 3
    package var latentHops = 3
    /// The weight of the adjacency loss in L_SS.
    package var adjacencyWeight = 0.3

    package init(genes: Int) { self.genes = genes }
  }

  package let configuration: Configuration
  package let parameters = Parameters<S>()
  /// Ω, where the model has been given clusters. (J, latent)
  package let centers: Parameter?
  let encoder: [TagConvolutionLayer]
  let adjacencyDense: Dense
  let bilinear: Parameter
  let decoder: [Dense]
  let heads: ZINBHeads

  /// Declares the layers; with `clusters` also that many centers, trained like every weight unless `freezesCenters` is set in training.
  package init(_ configuration: Configuration, clusters: Int? = nil) {
    self.configuration = configuration
    let c = configuration
    encoder = [
      TagConvolutionLayer(
        "encoder.0", inputs: c.genes, outputs: c.hidden, hops: c.hops, rectifying: true,
        in: parameters),
      TagConvolutionLayer(
        "encoder.1", inputs: c.hidden, outputs: c.latent, hops: c.latentHops, in: parameters),
    ]
    adjacencyDense = Dense(
      "adjacency", inputs: c.latent, outputs: c.adjacencyWidth, in: parameters)
    bilinear = parameters.declare(
      "adjacency.bilinear", rows: c.adjacencyWidth, columns: c.adjacencyWidth, .glorotUniform)
    var layers: [Dense] = []
    for (i, width) in c.decoder.enumerated() {
      layers.append(
        Dense(
          "decoder.\(i)", inputs: i == 0 ? c.latent : c.decoder[i - 1], outputs: width,
          rectifying: true, in: parameters))
    }
    decoder = layers
    heads = ZINBHeads("zinb", inputs: c.decoder.last ?? c.latent, genes: c.genes, in: parameters)
    if let clusters {
      centers = parameters.declare("centers", rows: clusters, columns: c.latent, .zeros)
    } else {
      centers = nil
    }
  }

  package var reachOfInput: Int? { configuration.latentHops == 0 ? configuration.hops : nil }

  package func embed(_ cells: Batch<S>, on tape: Tape<S>) -> Variable<S> {
    switch cells.input {
    case .products(let products):
      return encoder[1].local(encoder[0].products(products, on: tape), on: tape)
    case .graph(let input, let propagation, let rows):
      let hidden = encoder[0](input, over: propagation, on: tape)
      let codes = encoder[1](hidden, over: propagation, on: tape)
      return rows.map { tape.rows($0, of: codes) } ?? codes
    }
  }

  package func selfSupervisedLoss(
    of latent: Variable<S>, _ cells: Batch<S>, on tape: Tape<S>
  ) -> LossTerms {
    let weight = configuration.adjacencyWeight
    let codes = adjacencyDense(latent, on: tape)
    var adjacency = 0.0
    for sample in cells.structure {
      adjacency +=
        sample.share
        * tape.adjacencyLoss(
          of: sample.rows.map { tape.rows($0, of: codes) } ?? codes,
          bilinear: tape.variable(bilinear), to: sample.target, weight: S(weight * sample.share))
    }
    let decoded = decoder.reduce(latent) { $1($0, on: tape) }
    let zinb = tape.zinbLoss(heads, of: decoded, to: cells.target, weight: 1)
    return LossTerms(
      total: weight * adjacency + zinb, parts: [("adjacency", adjacency), ("zinb", zinb)])
  }
}
