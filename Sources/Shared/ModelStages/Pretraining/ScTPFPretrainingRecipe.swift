import CellData
import Models
import NeuralNetworks
import StageSupport
import Tensors
import Training

extension ScTPFPretraining: PretrainingRecipe {
  package func input(of cells: CellData, productBytes: Int) throws -> ModelInput {
    try input(of: cells, as: ScTPF<Float>.name)
  }

  /// What a model of this name and of scTPF's layers reads.
  func input(of cells: CellData, as model: String) throws -> ModelInput {
    try ModelInput(cells, explainsInput: self.model.explainsInput)
      .seeingBatches(of: model, in: cells)
  }

  package func model(of input: ModelInput, number: Int) -> ScTPF<Float> {
    var shape = shape(genes: input.data.geneCount, model: number)
    (shape.batches, shape.encodesBatches) = input.batches
    return ScTPF(shape)
  }

  package func notes(on input: ModelInput) -> [String] {
    watchesLoss && input.data.target.countsReads
      ? ["the counts look like reads without UMIs: half of those above 0 are 20 or more"] : []
  }

  package func begin(_ model: ScTPF<Float>, on input: ModelInput, seed: UInt64) {
    model.initialize(seed: seed)
    if watchesLoss && input.data.target.countsReads { model.startHeads(at: input.data) }
  }

  package func bounds(of input: ModelInput) -> CountLossBounds? {
    watchesLoss ? CountLossBounds(of: input.data.target) : nil
  }

  /// Only a loss of counts shows how far it is from that of gene means.
  private var watchesLoss: Bool { guardsLoss && model.usesLikelihood }

  package func steps(
    of input: ModelInput, for model: ScTPF<Float>, seed: UInt64, productBytes: Int
  ) -> GraphSteps<Float> {
    var plan = batches(seed: seed)
    plan.productBytes = productBytes
    return model.steps(over: input.data, input.graph, plan: plan)
  }

  package func settings(of model: ScTPF<Float>) -> [(String, JSONValue)] {
    let shape = model.configuration
    return [
      ("batch_size", .integer(batchSize)), ("structure", .string(structure.rawValue)),
      ("hops", .integer(shape.hops)), ("latent_hops", .integer(shape.latentHops)),
    ]
      + switchedOn([
        ("repeats_hop", shape.repeatsHop), ("explains_input", shape.explainsInput),
        ("no_adjacency_loss", shape.adjacencyWeight == 0),
        ("no_counts_loss", !shape.usesLikelihood),
      ])
  }
}
