// What the weights of scziDesk cannot show by their shapes: the noise.

import CellData
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  /// Stores σ of a model of scziDesk as uns.sczidesk.noise.
  mutating func store(noiseOfScziDesk noise: Double) {
    store(settings: [("noise", .number(noise))], of: ScziDesk<Float>.name)
  }

  /// The layers of the stored model of scziDesk: their shape by the weights, σ by the settings, or
  /// else the paper's.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  func layersOfScziDesk() throws(ModelFault) -> ScDeepCluster<Float>.Configuration {
    let name = ScziDesk<Float>.name
    var result = try ScDeepCluster<Float>.Configuration(of: weights(of: name), model: name)
    result.noise = storedNumber("noise", of: name) ?? ScziDeskPretraining.paper.layers.noise
    return result
  }
}
