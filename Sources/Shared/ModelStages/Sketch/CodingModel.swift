import CellData
import Models
import Tensors
import Training

/// A model that codes cells which it need not have learned from.
package protocol CodingModel: TrainableModel {
  /// The latent codes of all cells over their own graph. (N, D)
  ///
  /// - Throws: `ModelStageFault` naming what the cells lack.
  func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float>
}

extension PairedInput {
  /// The same with the batches of the cells, where the encoder of a model sees that many.
  func encoding(_ batches: Int, of model: String, in cells: CellData)
    throws(ModelStageFault) -> PairedInput
  {
    batches == 0 ? self : try seeingBatches(of: model, count: batches, in: cells)
  }
}
