import Autodiff
import Training

/// The shape of a model that explains two measurements by their counts, and finds no clusters
/// itself: DCCA, scMCs, scMVAE.
package protocol PairedCountShape<S>: Sendable {
  associatedtype S: EngineScalar

  var genes: Int { get set }
  /// The columns of the second measurement.
  var features: Int { get set }
  /// Also of a second measurement that has counts and is not peaks.
  var rnaLikelihood: Likelihood { get }
  var secondLikelihood: Likelihood { get set }
  /// The width of the codes.
  var codeWidth: Int { get }

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

  /// Takes columns and likelihoods.
  mutating func takeMeasurements(of data: PairedData<S>, secondIsBinary isBinary: Bool) {
    guard let second = data.second else { preconditionFailure("data without a second modality") }
    (genes, features) = (data.rna.targetCount, second.targetCount)
    secondLikelihood = Likelihood(of: second, isBinary: isBinary, ofCounts: rnaLikelihood)
  }

  /// The shape for these data.
  func fitted(to data: PairedData<S>, secondIsBinary isBinary: Bool) -> Self {
    var shape = self
    shape.fit(to: data, secondIsBinary: isBinary)
    return shape
  }
}
