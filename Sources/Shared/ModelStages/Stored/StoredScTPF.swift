// What the shapes of the weights of scTPF and scTAG do not show. Does a layer multiply one hop
// several times? What does the decoder explain? Does the model learn the graph?

import CellData
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  /// Stores the settings of a model of scTPF as uns.sctpf.…, or under the name of a model with the
  /// same layers.
  mutating func store(
    _ configuration: ScTPF<Float>.Configuration, of model: String = ScTPF<Float>.name
  ) {
    func flag(_ isOn: Bool) -> JSONValue? { isOn ? .boolean(true) : nil }
    store(
      settings: [
        ("repeats_hop", flag(configuration.repeatsHop)),
        ("explains_input", flag(configuration.explainsInput)),
        ("no_adjacency_loss", flag(configuration.adjacencyWeight == 0)),
      ], of: model)
  }

  /// The model of scTPF that is stored, or another with the same layers: its shape by the weights,
  /// the rest by the settings.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  package func configurationOfScTPF(named model: String = ScTPF<Float>.name) throws(ModelFault)
    -> ScTPF<Float>.Configuration
  {
    func isOn(_ name: String) -> Bool { storedFlag(name, of: model) == true }
    var result = try ScTPF<Float>.Configuration(of: weights(of: model), named: model)
    result.repeatsHop = isOn("repeats_hop")
    result.explainsInput = result.usesLikelihood && isOn("explains_input")
    if isOn("no_adjacency_loss") { result.adjacencyWeight = 0 }
    return result
  }
}
