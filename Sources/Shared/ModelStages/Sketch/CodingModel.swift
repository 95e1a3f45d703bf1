import CellData
import Models
import Neighbors
import Tensors
import Training

/// A model that codes cells which it need not have learned from.
package protocol CodingModel: TrainableModel {
  /// The latent codes of all cells over their own graph. (N, D)
  ///
  /// - Throws: `ModelStageFault` naming what the cells lack.
  func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float>
}

extension ScTPF: CodingModel where S == Float {
  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    codes(
      of: try ModelInput.standardized(cells),
      over: normalizedAdjacency(try ModelInput.adjacency(of: cells)))
  }
}

extension ScEMC: CodingModel where S == Float {
  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    let input = try PairedInput(
      cells, usesSecond: configuration.features != nil, hops: configuration.hops,
      productBytes: productBytes)
    return embed(input.data)
  }
}
