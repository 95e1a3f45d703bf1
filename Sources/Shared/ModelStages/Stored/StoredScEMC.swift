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
    settings["uns.scemc.rna_noise"] = JSONValue.number(configuration.rnaNoise).text
    settings["uns.scemc.second_noise"] = JSONValue.number(configuration.secondNoise).text
    settings["uns.scemc.dispersion"] = JSONValue.string(configuration.dispersion.rawValue).text
    settings["uns.scemc.phi"] = JSONValue.number(configuration.phi).text
    settings["uns.scemc.reconstruction"] = JSONValue.boolean(configuration.reconstructs).text
    settings["uns.scemc.cluster_loss"] = JSONValue.boolean(configuration.clusters).text
  }

  /// The model of scEMC that is stored: its shape by the weights, the rest by the settings, or else
  /// the paper's.
  ///
  /// - Throws: `ModelFault` where the weights do not make an scEMC model.
  package func configurationOfScEMC() throws(ModelFault) -> ScEMC<Float>.Configuration {
    let name = ScEMC<Float>.name
    var result = try ScEMC<Float>.Configuration(
      of: weights(of: name), batches: batchNames(of: name)?.count ?? 0)
    func number(_ name: String) -> Double? {
      settings["uns.scemc.\(name)"].flatMap { Double($0) }.flatMap {
        $0.isFinite && $0 >= 0 ? $0 : nil
      }
    }
    result.rnaNoise = number("rna_noise") ?? result.rnaNoise
    result.secondNoise = number("second_noise") ?? result.secondNoise
    result.phi = number("phi") ?? result.phi
    if settings["uns.scemc.dispersion"] == JSONValue.string(DispersionLink.exp.rawValue).text {
      result.dispersion = .exp
    }
    result.reconstructs = settings["uns.scemc.reconstruction"] != "false"
    result.clusters = settings["uns.scemc.cluster_loss"] != "false"
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
