import CellData
import Models
import NeuralNetworks
import StageSupport
import Tensors
import Training

extension PairedInput {
  /// The standardized values alone, which DESC learns from; the graph too where it is wanted and
  /// there is one.
  ///
  /// - Throws: `ModelStageFault` naming what is missing.
  package init(valuesOf cells: CellData, readsGraph: Bool = false) throws(ModelStageFault) {
    try self.init(
      cells, usesSecond: false, hops: 0, readsGraph: readsGraph, readsCounts: false)
  }
}

extension DESCPretraining: PretrainingRecipe {
  package func input(of cells: CellData, productBytes: Int) throws -> PairedInput {
    try PairedInput(valuesOf: cells).seeingBatches(of: DESC<Float>.name, in: cells)
  }

  package func model(of input: PairedInput, number: Int) -> DESC<Float> {
    var shape = shape(genes: input.data.rna.targetCount, cells: input.data.cellCount)
    (shape.batches, shape.encodesBatches) = input.batches
    return DESC(shape)
  }

  package func settings(of model: DESC<Float>) -> [(String, JSONValue)] {
    let shape = model.configuration
    return [
      ("batch_size", .integer(batchSize)), ("fewest_steps", .integer(fewestSteps)),
      ("layer_rounds", .integer(layerRounds)),
      ("whole_rounds", .integer(jointRounds)), ("whole_factor", .number(jointLearningRateFactor)),
      ("widths", .widths(shape.encoder)),
      ("dropout", .number(shape.dropout)), ("output_layer", .string(shape.output.rawValue)),
    ]
  }
}
