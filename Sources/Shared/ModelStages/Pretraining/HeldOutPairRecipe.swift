import CellData
import Models
import NeuralNetworks
import StageSupport
import Tensors
import Training

/// How sc-pretrain trains a model of the counts of two measurements, while some cells are held out:
/// DCCA, scMVAE.
package protocol HeldOutPairRecipe: PretrainingRecipe, PairedCountPretraining
where Input == PairedInput, Model: FirstPartitionModel {}

extension HeldOutPairRecipe {
  package func input(of cells: CellData, productBytes: Int) throws -> PairedInput {
    try PairedInput(countsOf: cells, for: Model.name).seeingBatches(of: Model.name, in: cells)
  }

  package func notes(on input: PairedInput) -> [String] {
    input.notes + input.binaryNotes
  }

  package func fits(of input: PairedInput) -> [MeasuredFit] { input.fits }

  package func steps(
    of input: PairedInput, for model: Model, seed: UInt64, productBytes: Int
  ) -> PairedSteps<Float> {
    PairedSteps(input.data, size: batchSize, seed: seed, heldOutShare: heldOutShare)
  }
}
