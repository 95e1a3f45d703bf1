import CellData
import Models
import NeuralNetworks
import StageSupport
import Tensors
import Training

extension ScDSCPretraining: PretrainingRecipe {
  package func input(of cells: CellData, productBytes: Int) throws -> AveragedInput {
    try AveragedInput(cells, model.scaling, known: nil)
      .seeingBatches(of: ScDSC<Float>.name, in: cells)
  }

  package func notes(on input: AveragedInput) -> [String] {
    guardsLoss && input.data.target.countsReads
      ? ["the counts look like reads without UMIs: half of those above 0 are 20 or more"] : []
  }

  package func model(of input: AveragedInput, number: Int) -> ScDSC<Float> {
    var shape = shape(genes: input.data.geneCount)
    shape.batches = input.batches.count
    return ScDSC(shape)
  }

  package func begin(_ model: ScDSC<Float>, on input: AveragedInput, seed: UInt64) {
    model.initialize(seed: seed)
    model.learnScale(of: input)
    if guardsLoss && input.data.target.countsReads { model.startHeads(at: input.data) }
  }

  package func bounds(of input: AveragedInput) -> CountLossBounds? {
    guardsLoss ? CountLossBounds(of: input.data.target) : nil
  }

  package func steps(
    of input: AveragedInput, for model: ScDSC<Float>, seed: UInt64, productBytes: Int
  ) -> GraphSteps<Float> {
    var plan = BatchPlan(size: stepSize(cells: input.data.cellCount))
    (plan.seed, plan.productBytes) = (seed, productBytes)
    return model.steps(over: input.data, input.graph, plan: plan)
  }

  package func settings(of model: ScDSC<Float>) -> [(String, JSONValue)] {
    [("batch_size", .integer(batchSize))] + model.configuration.settings
  }
}

extension ScDSC.Configuration {
  /// What the provenance notes of the shape.
  var settings: [(String, JSONValue)] {
    [
      ("scaling", .string(scaling.rawValue)), ("encoder_widths", .widths(encoder + codes)),
      ("decoder_widths", .widths(decoder)),
    ]
  }
}
