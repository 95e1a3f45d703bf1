// What the weights of scziDesk cannot show by their shapes: the noise.

import CellData
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  private static let noise = "uns.sczidesk.noise"

  /// Stores σ of a model of scziDesk as uns.sczidesk.noise.
  mutating func store(noiseOfScziDesk noise: Double) {
    settings[Self.noise] = JSONValue.number(noise).text
  }

  /// The layers of the stored model of scziDesk: their shape by the weights, σ by the settings, or
  /// else the paper's.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  func layersOfScziDesk() throws(ModelFault) -> ScDeepCluster<Float>.Configuration {
    let name = ScziDesk<Float>.name
    var result = try ScDeepCluster<Float>.Configuration(of: weights(of: name), model: name)
    result.noise = ScziDeskPretraining.paper.layers.noise
    if let noise = settings[Self.noise].flatMap({ Double($0) }), noise.isFinite, noise >= 0 {
      result.noise = noise
    }
    return result
  }
}
