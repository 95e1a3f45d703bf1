// What the weights of scTPF, and of scTAG with the same layers, cannot show by their shapes:
// whether its layers multiply one hop several times, what its decoder explains, and whether it
// learns the graph.

import CellData
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  private static let yes = JSONValue.boolean(true).text

  private static func setting(_ name: String, of model: String) -> String { "uns.\(model).\(name)" }

  /// Stores the settings of a model of scTPF as uns.sctpf.…, or under the name of a model with the
  /// same layers.
  mutating func store(
    _ configuration: ScTPF<Float>.Configuration, of model: String = ScTPF<Float>.name
  ) {
    for (name, isOn) in [
      ("repeats_hop", configuration.repeatsHop), ("explains_input", configuration.explainsInput),
      ("no_adjacency_loss", configuration.adjacencyWeight == 0),
    ] { settings[Self.setting(name, of: model)] = isOn ? Self.yes : nil }
  }

  /// The model of scTPF that is stored, or another with the same layers: its shape by the weights,
  /// the rest by the settings.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  package func configurationOfScTPF(named model: String = ScTPF<Float>.name) throws(ModelFault)
    -> ScTPF<Float>.Configuration
  {
    func isOn(_ name: String) -> Bool { settings[Self.setting(name, of: model)] == Self.yes }
    var result = try ScTPF<Float>.Configuration(of: weights(of: model), named: model)
    result.repeatsHop = isOn("repeats_hop")
    result.explainsInput = result.usesLikelihood && isOn("explains_input")
    if isOn("no_adjacency_loss") { result.adjacencyWeight = 0 }
    return result
  }
}
