// What the weights of scDeepCluster cannot show by their shapes: the noise.

import CellData
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  /// Stores the settings of a model of scDeepCluster as uns.scdeepcluster.….
  mutating func store(_ configuration: ScDeepCluster<Float>.Configuration) {
    store(
      settings: [
        ("noise", .number(configuration.noise)),
        ("noise_site", .string(configuration.noiseSite.rawValue)),
      ], of: ScDeepCluster<Float>.name)
  }

  /// The model of scDeepCluster that is stored: its shape by the weights, the rest by the settings,
  /// or else the paper's.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  func configurationOfScDeepCluster() throws(ModelFault) -> ScDeepCluster<Float>.Configuration {
    let name = ScDeepCluster<Float>.name
    var result = try ScDeepCluster<Float>.Configuration(of: weights(of: name))
    result.noise = storedNumber("noise", of: name) ?? result.noise
    result.noiseSite = storedChoice("noise_site", of: name) ?? .encoder
    return result
  }
}
