import Autodiff
import Training

/// The shape of a model that explains two measurements by their counts, and finds no clusters
/// itself: DCCA, scMCs, scMVAE.
package protocol PairedCountShape<S>: ShapeOfWeights {
  associatedtype S: EngineScalar

  var genes: Int { get set }
  /// The columns of the second measurement.
  var features: Int { get set }
  /// Also of a second measurement that has counts and is not peaks.
  var rnaLikelihood: Likelihood { get set }
  var secondLikelihood: Likelihood { get set }
  /// D.
  var latent: Int { get }
  /// The width of the codes.
  var codeWidth: Int { get }
  var batches: Int { get set }
  var encodesBatches: Bool { get set }

  init(genes: Int, features: Int)

  /// Takes what the data decide.
  ///
  /// - Parameter isBinary: whether the second measurement is peaks that are open or closed.
  /// - Precondition: there is a second measurement.
  mutating func fit(to data: PairedData<S>, secondIsBinary isBinary: Bool)
}

extension PairedCountShape {
  package mutating func fit(to data: PairedData<S>, secondIsBinary isBinary: Bool) {
    takeMeasurements(of: data, secondIsBinary: isBinary)
  }

  /// The shape of a model whose weights explain these columns by these likelihoods; the rest has
  /// its default.
  ///
  /// - Throws: `ModelFault` where the weights explain nothing.
  init(explainedBy weights: ModelWeights, of model: String) throws(ModelFault) {
    let rna = try weights.likelihood("rna", of: model)
    let second = try weights.likelihood("second", of: model)
    self.init(genes: rna.width, features: second.width)
    (rnaLikelihood, secondLikelihood) = (rna.kind, second.kind)
  }

  /// Takes columns, likelihoods and batches.
  mutating func takeMeasurements(of data: PairedData<S>, secondIsBinary isBinary: Bool) {
    guard let second = data.second else { preconditionFailure("data without a second modality") }
    (genes, features) = (data.rna.targetCount, second.targetCount)
    secondLikelihood = Likelihood(of: second, isBinary: isBinary, ofCounts: rnaLikelihood)
    batches = data.covariate?.count ?? 0
    encodesBatches = data.covariate?.isEncoded ?? false
  }

  /// Takes the batches that a stored model sees, by the layers that read its code.
  ///
  /// - Throws: `ModelFault` where they see less than the code.
  mutating func takeBatches(of weights: ModelWeights, seenBy decoder: String, model: String)
    throws(ModelFault)
  {
    batches = try weights.batches(of: decoder, latent: latent, model: model)
    encodesBatches = batches > 0 && weights.encodesBatches(by: "rna.encoder")
  }

  /// The shape for these data.
  func fitted(to data: PairedData<S>, secondIsBinary isBinary: Bool) -> Self {
    var shape = self
    shape.fit(to: data, secondIsBinary: isBinary)
    return shape
  }
}
