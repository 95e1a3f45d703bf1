// What the shapes of the weights of scMCs do not show: the weights of both measurements in the
// codes.

import CellData
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  /// Stores the settings of a model of scMCs as uns.scmcs.….
  mutating func store(_ configuration: ScMCs<Float>.Configuration) {
    store(
      settings: [
        ("rna_share", .number(configuration.rnaShare)),
        ("second_share", .number(configuration.secondShare)),
      ], of: ScMCs<Float>.name)
  }

  /// The model of scMCs that is stored: its shape by the weights, the rest by the settings, or else
  /// the paper's.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  func configurationOfScMCs() throws(ModelFault) -> ScMCs<Float>.Configuration {
    let name = ScMCs<Float>.name
    var result = try ScMCs<Float>.Configuration(of: weights(of: name))
    result.rnaShare = storedNumber("rna_share", of: name) ?? result.rnaShare
    result.secondShare = storedNumber("second_share", of: name) ?? result.secondShare
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
