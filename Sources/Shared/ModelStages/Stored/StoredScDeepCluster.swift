// What the weights of scDeepCluster cannot show by their shapes: the noise.

import CellData
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  private static let noise = "uns.scdeepcluster.noise"
  private static let noiseSite = "uns.scdeepcluster.noise_site"

  /// Stores the settings of a model of scDeepCluster as uns.scdeepcluster.….
  mutating func store(_ configuration: ScDeepCluster<Float>.Configuration) {
    settings[Self.noise] = JSONValue.number(configuration.noise).text
    settings[Self.noiseSite] = JSONValue.string(configuration.noiseSite.rawValue).text
  }

  /// The model of scDeepCluster that is stored: its shape by the weights, the rest by the settings,
  /// or else the paper's.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  func configurationOfScDeepCluster() throws(ModelFault) -> ScDeepCluster<Float>.Configuration {
    var result = try ScDeepCluster<Float>.Configuration(of: weights(of: ScDeepCluster<Float>.name))
    if let noise = settings[Self.noise].flatMap({ Double($0) }), noise.isFinite, noise >= 0 {
      result.noise = noise
    }
    let site = settings[Self.noiseSite]
    result.noiseSite =
      NoiseSite.allCases.first { JSONValue.string($0.rawValue).text == site } ?? .encoder
    return result
  }
}
