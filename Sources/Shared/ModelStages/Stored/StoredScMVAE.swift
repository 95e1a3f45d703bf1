import Models
import StageSupport
import Training

extension ScMVAE.Configuration {
  /// What the provenance notes of the model and its losses.
  var settings: [(String, JSONValue)] {
    func widths(_ layers: [Int]) -> JSONValue { .array(layers.map { .integer($0) }) }
    return [
      ("latent", .integer(latent)), ("mixture", .integer(components)),
      ("rna_likelihood", .string(rnaLikelihood.rawValue)),
      ("second_likelihood", .string(secondLikelihood.rawValue)),
      ("rna_widths", widths(rnaEncoder)), ("second_widths", widths(secondEncoder)),
      ("rna_weight", .number(rnaWeight)), ("annealing", .integer(annealing)),
    ]
  }
}
