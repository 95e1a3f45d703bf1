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
    try codes(of: cells, as: Self.name)
  }

  /// Those of a model of this name and of these layers.
  fileprivate func codes(of cells: CellData, as model: String) throws -> Matrix<Float> {
    let count = configuration.batches
    let covariate =
      configuration.encodesBatches ? try cells.batchCovariate(of: model, count: count) : nil
    return codes(
      of: try ModelInput.standardized(cells),
      over: normalizedAdjacency(try ModelInput.adjacency(of: cells)), batches: covariate)
  }
}

extension ScTAG: CodingModel where S == Float {
  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    try base.codes(of: cells, as: Self.name)
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
    try codes(of: cells, as: Self.name)
  }

  /// Those of a model of this name and of these layers.
  fileprivate func codes(of cells: CellData, as model: String) throws -> Matrix<Float> {
    let input = try PairedInput(cells, usesSecond: false, hops: 0, readsGraph: false)
      .encoding(configuration.encodesBatches ? configuration.batches : 0, of: model, in: cells)
    return codes(over: PairedSteps(input.data, size: 1, seed: 0))
  }
}

extension ScziDesk: CodingModel where S == Float {
  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    try base.codes(of: cells, as: Self.name)
  }
}

extension ScMDC: CodingModel where S == Float {
  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    let input = try PairedInput(both: cells, of: .scmdc)
      .encoding(configuration.encodesBatches ? configuration.batches : 0, of: Self.name, in: cells)
    return codes(over: PairedSteps(input.data, size: 1, seed: 0))
  }
}

extension DESC: CodingModel where S == Float {
  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    let input = try PairedInput(valuesOf: cells)
      .encoding(configuration.encodesBatches ? configuration.batches : 0, of: Self.name, in: cells)
    return codes(over: PairedSteps(input.data, size: 1, seed: 0))
  }
}

extension ScEMC: CodingModel where S == Float {
  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    let input = try PairedInput(
      cells, usesSecond: configuration.features != nil, hops: configuration.hops,
      productBytes: productBytes
    ).encoding(configuration.encodesBatches ? configuration.batches : 0, of: Self.name, in: cells)
    return embed(input.data)
  }
}

extension PairedInput {
  /// The same with the batches of the cells, where the encoder of a model sees that many.
  func encoding(_ batches: Int, of model: String, in cells: CellData)
    throws(ModelStageFault) -> PairedInput
  {
    batches == 0 ? self : try seeingBatches(of: model, count: batches, in: cells)
  }
}
