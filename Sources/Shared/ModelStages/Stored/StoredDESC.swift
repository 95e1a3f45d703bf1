// What the weights of DESC cannot show by their shapes: how its decoder ends.

import CellData
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  private static let outputLayer = "uns.desc.output_layer"

  /// Stores the settings of a model of DESC as uns.desc.….
  mutating func store(_ configuration: DESC<Float>.Configuration) {
    settings[Self.outputLayer] = JSONValue.string(configuration.output.rawValue).text
  }

  /// The model of DESC that is stored: its shape by the weights, the rest by the settings, or else
  /// the paper's.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  func configurationOfDESC() throws(ModelFault) -> DESC<Float>.Configuration {
    var result = try DESC<Float>.Configuration(of: weights(of: DESC<Float>.name))
    let layer = settings[Self.outputLayer]
    result.output =
      OutputLayer.allCases.first { JSONValue.string($0.rawValue).text == layer } ?? .tanh
    return result
  }
}
