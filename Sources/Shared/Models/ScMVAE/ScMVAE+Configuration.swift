import Autodiff
import Glibc
import NeuralNetworks
import Tensors
import Training

/// The mean and the variance over the cells of the logarithm of their totals.
package struct LibraryMoments: Sendable, Equatable {
  package var mean = 0.0
  package var variance = 1.0

  package init(mean: Double = 0, variance: Double = 1) {
    (self.mean, self.variance) = (mean, variance)
  }

  /// Takes what a file says, where it can be.
  init(stored mean: Double, variance: Double) {
    let isUsable = mean.isFinite && variance.isFinite && variance > 0
    self = isUsable ? LibraryMoments(mean: mean, variance: variance) : LibraryMoments()
  }

  /// Takes the cells' totals; one below 1 counts as 1.
  package init(ofTotals totals: some Collection<Double>) {
    let (logs, n) = (totals.map { log(max(1, $0)) }, Double(max(1, totals.count)))
    let mean = logs.reduce(0, +) / n
    self.mean = mean
    variance = max(
      Self.leastVariance, logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n)
  }

  /// Cells of equal totals leave them some room.
  private static let leastVariance = 1e-4
}

extension ScMVAE {
  /// The shape of the model and the weights of its losses; the defaults are the paper's.
  package struct Configuration: Sendable, Equatable {
    package var genes: Int
    /// The columns of the second measurement.
    package var features: Int
    package var rnaLikelihood = Likelihood.zinb
    package var secondLikelihood = Likelihood.zinb
    /// The widths of the hidden layers.
    package var rnaEncoder = [1024, 128, 128]
    package var secondEncoder = [1024, 128, 128]
    /// The widths of the encoders of the totals.
    package var library = [128]
    /// The widths of the decoder of both, whose last layer is cut into halves.
    package var shared = [128, 256]
    package var rnaDecoder = [128, 1024]
    package var secondDecoder = [128, 1024]
    /// D.
    package var latent = 22
    /// How many batches of cells the decoders see beside the code; 0: none.
    package var batches = 0
    /// Whether the first layers of the encoders have a bias for each of them.
    package var encodesBatches = false
    /// K: the components of the mixture.
    package var components = 22
    /// The share of the hidden values that training drops.
    package var dropout = 0.1
    /// w: the weight of the RNA's likelihood, where that of the second measurement has 1.
    package var rnaWeight = 4.0
    /// Epochs after which κ is 1.
    package var annealing = 200
    /// λ: the weight decay.
    package var decay = 1e-6
    /// Is added to every density of the mixture.
    package var densityFloor = 0.0
    /// The moments of the totals of both measurements.
    package var libraries = [LibraryMoments(), LibraryMoments()]

    package init(genes: Int, features: Int) { (self.genes, self.features) = (genes, features) }
  }
}

extension ScMVAE.Configuration: PairedCountShape {
  package var codeWidth: Int { latent }

  /// What one measurement is explained by.
  struct Part {
    let name: String
    let features: Int
    let likelihood: Likelihood
    let encoder: [Int]
    let decoder: [Int]
  }

  /// Both measurements, RNA first.
  var parts: [Part] {
    [
      Part(
        name: "rna", features: genes, likelihood: rnaLikelihood, encoder: rnaEncoder,
        decoder: rnaDecoder),
      Part(
        name: "second", features: features, likelihood: secondLikelihood, encoder: secondEncoder,
        decoder: secondDecoder),
    ]
  }

  /// Takes what the data decide. The mixture has a quarter of the cells as components at most.
  package mutating func fit(to data: PairedData<S>, secondIsBinary isBinary: Bool) {
    takeMeasurements(of: data, secondIsBinary: isBinary)
    components = max(1, min(components, data.cellCount / 4))
    libraries = zip([data.rna, data.second].compactMap(\.self), parts).map { measurement, part in
      guard part.likelihood.hasTotals, let target = measurement.counts else {
        return LibraryMoments()
      }
      return LibraryMoments(ofTotals: data.order.map { Double(target.sizeFactors[$0]) })
    }
  }

  /// The shape of the model that these weights belong to; what is no shape has its default.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  package init(of weights: ModelWeights) throws(ModelFault) {
    let name = ScMVAE.name
    try self.init(explainedBy: weights, of: name)
    rnaEncoder = try weights.layers("rna.encoder", of: name)
    secondEncoder = try weights.layers("second.encoder", of: name)
    rnaDecoder = try weights.widths("rna.decoder", of: name)
    secondDecoder = try weights.widths("second.decoder", of: name)
    library = try weights.layers("rna.library.encoder", of: name)
    shared = try weights.layers("shared", of: name)
    latent = try weights.width("rna.mean.bias", of: name)
    components = try weights.width("prior.logits", of: name)
    try takeBatches(of: weights, seenBy: "shared", model: name)
    if shared.last.map({ $0 % 2 == 1 }) ?? false {
      throw ModelFault(
        .badData,
        "model.\(name).shared: the last layer has no halves; run sc-pretrain --model \(name) first")
    }
    if let moments = weights["library.moments"], moments.rows == 2, moments.columns == 2 {
      libraries = (0..<2).map {
        LibraryMoments(stored: Double(moments[$0, 0]), variance: Double(moments[$0, 1]))
      }
    }
  }
}
