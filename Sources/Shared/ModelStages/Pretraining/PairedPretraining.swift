import CellData
import Models
import Training

/// The pretraining of a model that explains the counts or values of two measurements: scEMC, scMDC.
protocol PairedPretraining: PretrainingRecipe, PretrainingSettings
where Input == PairedInput, Model.Source == PairedSteps<Float> {}

extension PairedPretraining {
  package func notes(on input: PairedInput) -> [String] { input.notes }
}
