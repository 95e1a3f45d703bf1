// What the shapes of the weights of scMDC do not show: the strength of the noise, and the weight of
// the loss between pairs.

import CellData
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  private static func setting(_ name: String) -> String { "uns.scmdc.\(name)" }

  /// Stores the settings of a model of scMDC as uns.scmdc.….
  mutating func store(_ configuration: ScMDC<Float>.Configuration) {
    settings[Self.setting("rna_noise")] = JSONValue.number(configuration.rnaNoise).text
    settings[Self.setting("second_noise")] = JSONValue.number(configuration.secondNoise).text
    settings[Self.setting("phi")] = JSONValue.number(configuration.phi).text
  }

  /// The model of scMDC that is stored: its shape by the weights, the rest by the settings, or else
  /// the paper's.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  func configurationOfScMDC() throws(ModelFault) -> ScMDC<Float>.Configuration {
    var result = try ScMDC<Float>.Configuration(of: weights(of: ScMDC<Float>.name))
    func number(_ name: String) -> Double? {
      settings[Self.setting(name)].flatMap { Double($0) }.flatMap {
        $0.isFinite && $0 >= 0 ? $0 : nil
      }
    }
    result.rnaNoise = number("rna_noise") ?? result.rnaNoise
    result.secondNoise = number("second_noise") ?? result.secondNoise
    result.phi = number("phi") ?? result.phi
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
