import CellData
import Models
import StageSupport
import Training

extension ScEMCPretraining: PairedPretraining {
  package func input(of cells: CellData, productBytes: Int) throws -> PairedInput {
    try PairedInput(cells, usesSecond: usesSecond, hops: hops, productBytes: productBytes)
      .seeingBatches(of: ScEMC<Float>.name, in: cells)
  }

  package func model(of input: PairedInput, number: Int) -> ScEMC<Float> {
    ScEMC(shape(for: input.data))
  }

  package func settings(of model: ScEMC<Float>) -> [(String, JSONValue)] {
    [("batch_size", .integer(batchSize))] + model.configuration.settings
  }
}
