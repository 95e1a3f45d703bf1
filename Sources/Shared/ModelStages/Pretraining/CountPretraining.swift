import CellData
import Models
import NeuralNetworks
import StageSupport
import Tensors
import Training

/// The pretraining of a model that reads counts without a graph, and explains them.
protocol CountPretraining: PretrainingRecipe, PretrainingSettings where Input == PairedInput {}

extension CountPretraining {
  package func input(of cells: CellData, productBytes: Int) throws -> PairedInput {
    try PairedInput(rnaOf: cells)
      .seeingBatches(of: Model.name, in: cells)
  }

  package func notes(on input: PairedInput) -> [String] {
    readCounts(of: input) == nil
      ? [] : ["the counts look like reads without UMIs: half of those above 0 are 20 or more"]
  }

  package func bounds(of input: PairedInput) -> CountLossBounds? {
    guardsLoss ? input.data.rna.counts.map { CountLossBounds(of: $0) } : nil
  }

  /// The counts where they are reads, at whose moments the heads begin; nil where not, or where
  /// nothing watches the loss.
  func readCounts(of input: PairedInput) -> CountTarget<Float>? {
    guard guardsLoss, let counts = input.data.rna.counts, counts.countsReads else { return nil }
    return counts
  }
}
