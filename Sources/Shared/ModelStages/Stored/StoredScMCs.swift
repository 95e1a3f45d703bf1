// What the shapes of the weights of scMCs do not show: the weights of both measurements in the
// codes.

import CellData
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  private static let sharesOfScMCs = ["uns.scmcs.rna_share", "uns.scmcs.second_share"]

  /// Stores the settings of a model of scMCs as uns.scmcs.….
  mutating func store(_ configuration: ScMCs<Float>.Configuration) {
    let shares = [configuration.rnaShare, configuration.secondShare]
    for (name, share) in zip(Self.sharesOfScMCs, shares) {
      settings[name] = JSONValue.number(share).text
    }
  }

  /// The model of scMCs that is stored: its shape by the weights, the rest by the settings, or else
  /// the paper's.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  func configurationOfScMCs() throws(ModelFault) -> ScMCs<Float>.Configuration {
    var result = try ScMCs<Float>.Configuration(of: weights(of: ScMCs<Float>.name))
    func share(_ number: Int, _ usual: Double) -> Double {
      let stored = settings[Self.sharesOfScMCs[number]].flatMap { Double($0) } ?? usual
      return stored.isFinite && stored >= 0 ? stored : usual
    }
    result.rnaShare = share(0, result.rnaShare)
    result.secondShare = share(1, result.secondShare)
    return result
  }
}

extension ScMCs.Configuration {
  /// What the provenance notes of the model and its losses.
  var settings: [(String, JSONValue)] {
    func widths(_ layers: [Int]) -> JSONValue { .array(layers.map { .integer($0) }) }
    return [
      ("latent", .integer(latent)),
      ("rna_likelihood", .string(rnaLikelihood.rawValue)),
      ("second_likelihood", .string(secondLikelihood.rawValue)),
      ("second_widths", widths(secondEncoder)), ("rna_share", .number(rnaShare)),
      ("second_share", .number(secondShare)), ("second_weight", .number(secondWeight)),
      ("contrast", .number(contrastWeight)),
    ]
  }
}
