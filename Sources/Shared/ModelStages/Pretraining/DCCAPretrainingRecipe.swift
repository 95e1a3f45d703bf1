import CellData
import Models
import StageSupport
import Training

extension DCCAPretraining: HeldOutPairRecipe {
  package func model(of input: PairedInput, number: Int) -> DCCA<Float> {
    DCCA(shape(for: input.data, secondIsBinary: input.secondIsBinary))
  }

  package func settings(of model: DCCA<Float>) -> [(String, JSONValue)] {
    [
      ("batch_size", .integer(batchSize)), ("cycles", .integer(cycles)),
      ("held_out", .number(heldOutShare)),
    ] + model.configuration.settings
  }
}

extension DCCA.Configuration {
  /// What the provenance notes of the model and its losses.
  fileprivate var settings: [(String, JSONValue)] {
    [
      ("codes", .string(codes.rawValue)), ("latent", .integer(latent)),
      ("rna_likelihood", .string(rnaLikelihood.rawValue)),
      ("second_likelihood", .string(secondLikelihood.rawValue)),
      ("second_widths", .widths(secondEncoder)), ("rna_teaches", .number(rnaTeaches)),
      ("second_teaches", .number(secondTeaches)),
    ]
  }
}
