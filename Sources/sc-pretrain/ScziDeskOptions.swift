import Models
import StageSupport

/// How scziDesk is trained before it clusters: all of its options are those of other models too.
struct ScziDeskOptions: OwnTrainingOptions {
  static let model = ModelName.sczidesk
  static let readsGraph = false
  static let declarations: [OptionDeclaration] = []

  func recipe(_ training: TrainingOptions) -> ScziDeskPretraining {
    var recipe: ScziDeskPretraining = training.settings()
    recipe.patience = training.patience ?? recipe.patience
    recipe.tolerance = training.tolerance ?? recipe.tolerance
    recipe.layers.noise = training.rnaNoise ?? recipe.layers.noise
    return recipe
  }

  func facts(_ training: TrainingOptions) -> Facts {
    ["the patience": "\(recipe(training).patience)"]
  }
}
