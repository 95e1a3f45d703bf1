import CellData
import Models
import StageSupport
import Training

extension ScMVAEPretraining: HeldOutPairRecipe {
  package func model(of input: PairedInput, number: Int) -> ScMVAE<Float> {
    ScMVAE(shape(for: input.data, secondIsBinary: input.secondIsBinary))
  }

  package func settings(of model: ScMVAE<Float>) -> [(String, JSONValue)] {
    [("batch_size", .integer(batchSize)), ("held_out", .number(heldOutShare))]
      + model.configuration.settings
  }
}

extension ScMVAE.Configuration {
  /// What the provenance notes of the model and its losses.
  fileprivate var settings: [(String, JSONValue)] {
    [
      ("latent", .integer(latent)), ("mixture", .integer(components)),
      ("rna_likelihood", .string(rnaLikelihood.rawValue)),
      ("second_likelihood", .string(secondLikelihood.rawValue)),
      ("rna_widths", .widths(rnaEncoder)), ("second_widths", .widths(secondEncoder)),
      ("rna_weight", .number(rnaWeight)), ("annealing", .integer(annealing)),
    ]
  }
}
