import CellData
import Models
import NeuralNetworks
import StageSupport
import Tensors
import Training

extension ScziDeskPretraining: PretrainingRecipe {
  package func input(of cells: CellData, productBytes: Int) throws -> PairedInput {
    try PairedInput(cells, usesSecond: false, hops: 0, readsGraph: false)
  }

  package func notes(on input: PairedInput) -> [String] {
    guard watchesLoss(input) else { return [] }
    return ["the counts are taken for reads: half of those above 0 are 20 or more"]
  }

  package func model(of input: PairedInput, number: Int) -> ScziDesk<Float> {
    ScziDesk(ScDeepCluster(shape(genes: input.data.rna.targetCount)), weights)
  }

  package func begin(_ model: ScziDesk<Float>, on input: PairedInput, seed: UInt64) {
    model.initialize(seed: seed)
    if watchesLoss(input), let target = input.data.rna.counts { model.base.startHeads(at: target) }
  }

  package func bounds(of input: PairedInput) -> CountLossBounds? {
    guardsLoss ? input.data.rna.counts.map { CountLossBounds(of: $0) } : nil
  }

  /// Whether the counts are reads, whose heads begin at the genes' moments.
  private func watchesLoss(_ input: PairedInput) -> Bool {
    guardsLoss && input.data.rna.counts?.countsReads == true
  }

  package func steps(
    of input: PairedInput, for model: ScziDesk<Float>, seed: UInt64, productBytes: Int
  ) -> PairedSteps<Float> {
    PairedSteps(
      input.data, size: batchSize == 0 ? input.data.cellCount : batchSize, seed: seed)
  }

  package func settings(of model: ScziDesk<Float>) -> [(String, JSONValue)] {
    [
      ("batch_size", .integer(batchSize)), ("noise", .number(model.base.configuration.noise)),
      ("ridge", .number(weights.ridge)),
    ]
  }

  package func annotate(_ cells: inout CellData, with model: ScziDesk<Float>) {
    cells.store(noiseOfScziDesk: model.base.configuration.noise)
  }
}
