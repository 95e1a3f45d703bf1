import Models
import StageSupport

/// How scziDesk is trained before it clusters. Other models share all of its options.
struct ScziDeskOptions: OwnTrainingOptions {
  static let model = ModelName.sczidesk
  static let declarations: [OptionDeclaration] = []

  func recipe(_ training: TrainingOptions) -> ScziDeskPretraining {
    var recipe: ScziDeskPretraining = training.settings()
    recipe.layers.noise = training.rnaNoise ?? recipe.layers.noise
    return recipe
  }
}
