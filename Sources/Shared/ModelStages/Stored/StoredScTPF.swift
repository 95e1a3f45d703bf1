// What the weights of scTPF cannot tell by their shapes: whether its layers multiply one hop several times, what its decoder explains, and
// whether it learns the graph.

import CellData
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  private static let repeatsHop = "uns.sctpf.repeats_hop"
  private static let explainsInput = "uns.sctpf.explains_input"
  private static let omitsAdjacency = "uns.sctpf.no_adjacency_loss"
  private static let yes = JSONValue.boolean(true).text

  /// Stores the settings of a model of scTPF as uns.sctpf.….
  mutating func store(_ configuration: ScTPF<Float>.Configuration) {
    settings[Self.repeatsHop] = configuration.repeatsHop ? Self.yes : nil
    settings[Self.explainsInput] = configuration.explainsInput ? Self.yes : nil
    settings[Self.omitsAdjacency] = configuration.adjacencyWeight == 0 ? Self.yes : nil
  }

  /// The model of scTPF that is stored: its shape by the weights, the rest by the settings.
  ///
  /// - Throws: `ModelFault` where the weights do not make an scTPF model.
  package func configurationOfScTPF() throws(ModelFault) -> ScTPF<Float>.Configuration {
    var result = try ScTPF<Float>.Configuration(of: weights(of: ScTPF<Float>.name))
    result.repeatsHop = settings[Self.repeatsHop] == Self.yes
    result.explainsInput = result.usesLikelihood && settings[Self.explainsInput] == Self.yes
    if settings[Self.omitsAdjacency] == Self.yes { result.adjacencyWeight = 0 }
    return result
  }
}
