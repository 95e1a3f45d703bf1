import CellData
import Models
import NeuralNetworks
import StageSupport
import Tensors
import Training

extension ScMDCPretraining: PretrainingRecipe {
  package func input(of cells: CellData, productBytes: Int) throws -> PairedInput {
    try PairedInput(both: cells, of: .scmdc).seeingBatches(of: ScMDC<Float>.name, in: cells)
  }

  package func notes(on input: PairedInput) -> [String] { input.notes }

  package func model(of input: PairedInput, number: Int) -> ScMDC<Float> {
    ScMDC(shape(for: input.data))
  }

  package func steps(
    of input: PairedInput, for model: ScMDC<Float>, seed: UInt64, productBytes: Int
  ) -> PairedSteps<Float> {
    PairedSteps(input.data, size: batchSize, seed: seed)
  }

  package func settings(of model: ScMDC<Float>) -> [(String, JSONValue)] {
    [("batch_size", .integer(batchSize))] + model.configuration.settings
  }

  package func annotate(_ cells: inout CellData, with model: ScMDC<Float>) {
    cells.store(model.configuration)
  }
}
