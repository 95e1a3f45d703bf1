import Autodiff
import NeuralNetworks
import Tensors
import Training

/// How scDSC's networks see the values.
package enum ValueScaling: String, Sendable, CaseIterable {
  /// By means and standard deviations.
  case standard
  /// Each gene from 0 to 1, by its minimum and maximum: the paper's.
  case unit
}

extension ScDSC {
  /// The shape of the model and the weights of its losses; the weights are the paper's.
  package struct Configuration: Sendable, Equatable {
    package var genes: Int
    /// The widths of the rectified layers, then those of the linear ones; the last is that of Z.
    package var encoder = [256, 64]
    package var codes = [16]
    /// Whether the linear layers are normalized too.
    package var normalizesCodes = false
    package var decoder = [64, 256]
    /// How many batches of cells the decoder sees beside the code; 0: none.
    package var batches = 0
    package var scaling = ValueScaling.standard
    /// σ: how much of a layer of the encoder goes into that of the graph network.
    package var mix = 0.5
    /// The weights of BCE(q, p), of KL(p ‖ y), both times γ, and of ZINB; that of the squared error
    /// is 1.
    package var (assignmentWeight, graphWeight, countsWeight) = (0.1, 0.01, 0.1)
    package var gamma = 1.0
    /// Whether the centers are trained like every weight.
    package var trainsCenters = true
    /// Whether pretraining explains the counts too, or leaves the heads as they are drawn.
    package var pretrainsCounts = true
    /// Steps in which the graph network alone learns the first target distribution, before training
    /// with clusters, and their size.
    package var (warmUp, warmUpRate) = (0, 0.01)
    /// Whether targets and labels are of layers normalized by the moments of all cells, as in
    /// training, and not by those of the past steps.
    package var normalizesByCells = false
    /// Normalizes every training pass alike; nil: by its cells, whose moments are followed.
    package var mode: NormalizationMode?

    package init(genes: Int) { self.genes = genes }

    /// The width of Z.
    package var latent: Int { codes.last ?? 0 }

    /// The shape of the model that these weights belong to; what is no shape has its default.
    ///
    /// - Throws: `ModelFault` where the weights do not make such a model.
    package init(of weights: ModelWeights) throws(ModelFault) {
      let name = ScDSC.name
      self.init(genes: try weights.width("values.bias", of: name))
      encoder = try weights.layers("encoder", of: name)
      codes = try weights.layers("codes", of: name)
      decoder = try weights.widths("decoder", of: name)
      batches = try weights.batches(of: "decoder", latent: latent, model: name)
      normalizesCodes = weights["codes.0.norm.scale"] != nil
      scaling = weights[ScDSC.minimumName] == nil ? .standard : .unit
    }
  }
}

extension ScDSC where S == Float {
  /// How many cells a step with clusters may take.
  package static var mostCells: Int { 20_000 }

  /// Throws a `ModelFault` where there are more cells than all layers of all of them should be held
  /// for.
  package static func require(cells: Int) throws(ModelFault) {
    if cells <= mostCells { return }
    throw ModelFault(
      .noMemory,
      "scdsc holds all of its layers of all cells, at most \(mostCells), and there are \(cells); give sc-pretrain --sketch \(mostCells)"
    )
  }

  /// Z of any cells, by the statistics of the layers. (N, latent)
  package func codes(of input: StandardizedMatrix) -> Matrix<Float> {
    codes(
      of: StandardizedInput(
        values: input.values, mean: Array(input.mean),
        standardDeviation: Array(input.standardDeviation)))
  }

  /// Takes the weights of a pretrained model. The graph network, which no pretraining knows, begins
  /// as the seed draws it.
  ///
  /// - Throws: `ModelFault` where one is missing or of another shape.
  package func load(pretrained weights: ModelWeights, seed: UInt64) throws(ModelFault) {
    initialize(seed: seed)
    let drawn = self.weights.filter { $0.key.hasPrefix("graph.") }
    try load(weights.merging(drawn) { $1 })
  }
}
