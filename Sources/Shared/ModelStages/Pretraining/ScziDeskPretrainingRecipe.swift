import CellData
import Models
import NeuralNetworks
import StageSupport
import Tensors
import Training

extension ScziDeskPretraining: CountPretraining {
  package func model(of input: PairedInput, number: Int) -> ScziDesk<Float> {
    var layers = shape(genes: input.data.rna.targetCount)
    (layers.batches, layers.encodesBatches) = input.batches
    return ScziDesk(ScDeepCluster(layers), weights)
  }

  package func begin(_ model: ScziDesk<Float>, on input: PairedInput, seed: UInt64) {
    model.initialize(seed: seed)
    if let counts = readCounts(of: input) { model.base.startHeads(at: counts) }
  }

  package func settings(of model: ScziDesk<Float>) -> [(String, JSONValue)] {
    [
      ("batch_size", .integer(batchSize)), ("noise", .number(model.base.configuration.noise)),
      ("ridge", .number(weights.ridge)),
    ]
  }
}
