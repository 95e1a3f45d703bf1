import CellData
import Models
import NeuralNetworks
import StageSupport
import Tensors
import Training

// What scTPF does with the same layers.
extension ScTAGPretraining: PretrainingRecipe {
  package func input(of cells: CellData, productBytes: Int) throws -> ModelInput {
    try base.input(of: cells, as: ScTAG<Float>.name)
  }

  package func notes(on input: ModelInput) -> [String] { base.notes(on: input) }

  package func model(of input: ModelInput, number: Int) -> ScTAG<Float> {
    ScTAG(base.model(of: input, number: number))
  }

  package func begin(_ model: ScTAG<Float>, on input: ModelInput, seed: UInt64) {
    base.begin(model.base, on: input, seed: seed)
  }

  package func bounds(of input: ModelInput) -> CountLossBounds? { base.bounds(of: input) }

  package func steps(
    of input: ModelInput, for model: ScTAG<Float>, seed: UInt64, productBytes: Int
  ) -> GraphSteps<Float> {
    base.steps(of: input, for: model.base, seed: seed, productBytes: productBytes)
  }

  package func schedule(cells: Int) -> PretrainingSchedule { base.schedule(cells: cells) }

  package func settings(of model: ScTAG<Float>) -> [(String, JSONValue)] {
    base.settings(of: model.base)
  }
}
