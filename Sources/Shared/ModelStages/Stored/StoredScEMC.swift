// What the weights of scEMC cannot show by their shapes: the strength of the noise and the losses
// that the model was trained with.

import CellData
import Models
import NeuralNetworks
import StageSupport
import Tensors
import Training

extension CellData {
  /// Stores the settings of a model of scEMC as uns.scemc.….
  package mutating func store(_ configuration: ScEMC<Float>.Configuration) {
    store(
      settings: [
        ("rna_noise", .number(configuration.rnaNoise)),
        ("second_noise", .number(configuration.secondNoise)),
        ("dispersion", .string(configuration.dispersion.rawValue)),
        ("phi", .number(configuration.phi)),
        ("reconstruction", .boolean(configuration.reconstructs)),
        ("cluster_loss", .boolean(configuration.clusters)),
      ], of: ScEMC<Float>.name)
  }

  /// The model of scEMC that is stored: its shape by the weights, the rest by the settings, or else
  /// the paper's.
  ///
  /// - Throws: `ModelFault` where the weights do not make an scEMC model.
  package func configurationOfScEMC() throws(ModelFault) -> ScEMC<Float>.Configuration {
    let name = ScEMC<Float>.name
    var result = try ScEMC<Float>.Configuration(
      of: weights(of: name), batches: batchNames(of: name)?.count ?? 0)
    result.rnaNoise = storedNumber("rna_noise", of: name) ?? result.rnaNoise
    result.secondNoise = storedNumber("second_noise", of: name) ?? result.secondNoise
    result.phi = storedNumber("phi", of: name) ?? result.phi
    result.dispersion = storedChoice("dispersion", of: name) ?? result.dispersion
    result.reconstructs = storedFlag("reconstruction", of: name) ?? true
    result.clusters = storedFlag("cluster_loss", of: name) ?? true
    return result
  }
}

extension ScEMC.Configuration {
  /// What the provenance notes of the model and its losses.
  package var settings: [(String, JSONValue)] {
    [
      ("hops", .integer(hops)), ("aggregation", .string(aggregation.rawValue)),
      ("dispersion", .string(dispersion.rawValue)),
      ("skip", .boolean(skips)), ("second_modality", .boolean(features != nil)),
      ("reconstruction", .boolean(reconstructs)), ("cluster_loss", .boolean(clusters)),
      ("rna_noise", .number(rnaNoise)), ("second_noise", .number(secondNoise)),
      ("phi", .number(phi)),
    ]
  }
}
