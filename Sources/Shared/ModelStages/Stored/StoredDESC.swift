// What the weights of DESC cannot show by their shapes: how its decoder ends.

import CellData
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  /// Stores the settings of a model of DESC as uns.desc.….
  mutating func store(_ configuration: DESC<Float>.Configuration) {
    store(
      settings: [("output_layer", .string(configuration.output.rawValue))], of: DESC<Float>.name)
  }

  /// The model of DESC that is stored: its shape by the weights, the rest by the settings, or else
  /// the paper's.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  func configurationOfDESC() throws(ModelFault) -> DESC<Float>.Configuration {
    let name = DESC<Float>.name
    var result = try DESC<Float>.Configuration(of: weights(of: name))
    result.output = storedChoice("output_layer", of: name) ?? .tanh
    return result
  }
}
