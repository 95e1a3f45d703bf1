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

  package func annotate(_ cells: inout CellData, with model: DCCA<Float>) {
    cells.store(model.configuration)
  }
}
