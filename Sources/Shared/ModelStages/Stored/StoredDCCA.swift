// What the shapes of the weights of DCCA do not show: what its codes are.

import CellData
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  /// Stores the settings of a model of DCCA as uns.dcca.….
  mutating func store(_ configuration: DCCA<Float>.Configuration) {
    store(
      settings: [("codes", .string(configuration.codes.rawValue))], of: DCCA<Float>.name)
  }

  /// The model of DCCA that is stored: its shape by the weights, the rest by the settings, or else
  /// the paper's.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  func configurationOfDCCA() throws(ModelFault) -> DCCA<Float>.Configuration {
    let name = DCCA<Float>.name
    var result = try DCCA<Float>.Configuration(of: weights(of: name))
    result.codes = storedChoice("codes", of: name) ?? .joint
    return result
  }
}

extension DCCA.Configuration {
  /// What the provenance notes of the model and its losses.
  var settings: [(String, JSONValue)] {
    func widths(_ layers: [Int]) -> JSONValue { .array(layers.map { .integer($0) }) }
    return [
      ("codes", .string(codes.rawValue)), ("latent", .integer(latent)),
      ("rna_likelihood", .string(rnaLikelihood.rawValue)),
      ("second_likelihood", .string(secondLikelihood.rawValue)),
      ("second_widths", widths(secondEncoder)), ("rna_teaches", .number(rnaTeaches)),
      ("second_teaches", .number(secondTeaches)),
    ]
  }
}
