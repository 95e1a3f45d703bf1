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
