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

extension ScTAG: CodingModel where S == Float {
  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    try base.codes(of: cells, productBytes: productBytes)
  }
}

extension ScDSC: CodingModel where S == Float {
  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    let input = try ModelInput.standardized(cells)
    return codes(of: knownScale.map(input.scaled) ?? input)
  }
}

extension ScDeepCluster: CodingModel where S == Float {
  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    let input = try PairedInput(cells, usesSecond: false, hops: 0, readsGraph: false)
    return codes(over: PairedSteps(input.data, size: 1, seed: 0))
  }
}

extension ScziDesk: CodingModel where S == Float {
  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    try base.codes(of: cells, productBytes: productBytes)
  }
}

extension ScMDC: CodingModel where S == Float {
  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    codes(over: PairedSteps(try PairedInput(both: cells, of: .scmdc).data, size: 1, seed: 0))
  }
}

extension DESC: CodingModel where S == Float {
  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    codes(over: PairedSteps(try PairedInput(valuesOf: cells).data, size: 1, seed: 0))
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
