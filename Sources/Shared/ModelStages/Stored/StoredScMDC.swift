// What the shapes of the weights of scMDC do not show: the strength of the noise, and the weight of
// the loss between pairs.

import CellData
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  /// Stores the settings of a model of scMDC as uns.scmdc.….
  mutating func store(_ configuration: ScMDC<Float>.Configuration) {
    store(
      settings: [
        ("rna_noise", .number(configuration.rnaNoise)),
        ("second_noise", .number(configuration.secondNoise)), ("phi", .number(configuration.phi)),
      ], of: ScMDC<Float>.name)
  }

  /// The model of scMDC that is stored: its shape by the weights, the rest by the settings, or else
  /// the paper's.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  func configurationOfScMDC() throws(ModelFault) -> ScMDC<Float>.Configuration {
    let name = ScMDC<Float>.name
    var result = try ScMDC<Float>.Configuration(of: weights(of: name))
    result.rnaNoise = storedNumber("rna_noise", of: name) ?? result.rnaNoise
    result.secondNoise = storedNumber("second_noise", of: name) ?? result.secondNoise
    result.phi = storedNumber("phi", of: name) ?? result.phi
    return result
  }
}

extension ScMDC.Configuration {
  /// What the provenance notes of the model and its losses.
  var settings: [(String, JSONValue)] {
    [
      ("rna_noise", .number(rnaNoise)), ("second_noise", .number(secondNoise)),
      ("phi", .number(phi)),
    ] + switchedOn([("differentiates_target", differentiatesTarget)])
  }
}
