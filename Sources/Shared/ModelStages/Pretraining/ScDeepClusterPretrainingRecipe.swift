import CellData
import Models
import NeuralNetworks
import StageSupport
import Tensors
import Training

extension ScDeepClusterPretraining: CountPretraining {
  package func model(of input: PairedInput, number: Int) -> ScDeepCluster<Float> {
    var shape = shape(genes: input.data.rna.targetCount)
    (shape.batches, shape.encodesBatches) = input.batches
    return ScDeepCluster(shape)
  }

  package func begin(_ model: ScDeepCluster<Float>, on input: PairedInput, seed: UInt64) {
    model.initialize(seed: seed)
    if let counts = readCounts(of: input) { model.startHeads(at: counts) }
  }

  package func settings(of model: ScDeepCluster<Float>) -> [(String, JSONValue)] {
    [
      ("batch_size", .integer(batchSize)), ("noise", .number(model.configuration.noise)),
      ("noise_site", .string(model.configuration.noiseSite.rawValue)),
    ]
  }
}
