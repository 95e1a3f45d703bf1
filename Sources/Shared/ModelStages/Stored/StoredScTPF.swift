// What the weights of scTPF cannot tell by their shapes: whether its layers multiply one hop several times, and what its decoder explains.

import CellData
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  private static let repeatsHop = "uns.sctpf.repeats_hop"
  private static let explainsInput = "uns.sctpf.explains_input"

  /// Stores the settings of a model of scTPF as uns.sctpf.….
  mutating func store(_ configuration: ScTPF<Float>.Configuration) {
    settings[Self.repeatsHop] = configuration.repeatsHop ? JSONValue.boolean(true).text : nil
    settings[Self.explainsInput] =
      configuration.explainsInput ? JSONValue.boolean(true).text : nil
  }

  /// The model of scTPF that is stored: its shape by the weights, the rest by the settings.
  ///
  /// - Throws: `ModelFault` where the weights do not make an scTPF model.
  func configurationOfScTPF() throws(ModelFault) -> ScTPF<Float>.Configuration {
    var result = try ScTPF<Float>.Configuration(of: weights(of: ScTPF<Float>.name))
    result.repeatsHop = settings[Self.repeatsHop] == JSONValue.boolean(true).text
    result.explainsInput = settings[Self.explainsInput] == JSONValue.boolean(true).text
    return result
  }
}
