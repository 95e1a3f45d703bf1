import CellData
import Models
import StageSupport
import Training

extension ScMDCPretraining: PairedPretraining {
  package func input(of cells: CellData, productBytes: Int) throws -> PairedInput {
    try PairedInput(both: cells, of: ScMDC<Float>.name).seeingBatches(
      of: ScMDC<Float>.name, in: cells)
  }

  package func model(of input: PairedInput, number: Int) -> ScMDC<Float> {
    ScMDC(shape(for: input.data))
  }

  package func settings(of model: ScMDC<Float>) -> [(String, JSONValue)] {
    [("batch_size", .integer(batchSize))] + model.configuration.settings
  }
}
