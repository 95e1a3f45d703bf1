import CellData
import Models
import NeuralNetworks
import StageSupport
import Tensors
import Training

extension ScMVAEPretraining: PretrainingRecipe {
  package func input(of cells: CellData, productBytes: Int) throws -> PairedInput {
    try PairedInput(countsOf: cells, for: .scmvae)
  }

  package func notes(on input: PairedInput) -> [String] {
    input.notes + input.binaryNotes
  }

  package func fits(of input: PairedInput) -> [MeasuredFit] { input.fits }

  package func model(of input: PairedInput, number: Int) -> ScMVAE<Float> {
    ScMVAE(shape(for: input.data, secondIsBinary: input.secondIsBinary))
  }

  package func steps(
    of input: PairedInput, for model: ScMVAE<Float>, seed: UInt64, productBytes: Int
  ) -> PairedSteps<Float> {
    PairedSteps(input.data, size: batchSize, seed: seed, heldOutShare: heldOutShare)
  }

  package func settings(of model: ScMVAE<Float>) -> [(String, JSONValue)] {
    [("batch_size", .integer(batchSize)), ("held_out", .number(heldOutShare))]
      + model.configuration.settings
  }
}
