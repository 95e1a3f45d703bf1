import Models
import StageSupport

/// How scTAG is trained before it clusters: all of its options are those of other models too.
struct ScTAGOptions: OwnTrainingOptions {
  static let model = ModelName.sctag
  static let declarations: [OptionDeclaration] = []

  func recipe(_ training: TrainingOptions) -> ScTAGPretraining {
    var recipe: ScTAGPretraining = training.settings()
    recipe.base.hops = training.hops ?? recipe.base.hops
    recipe.base.patience = training.patience ?? recipe.base.patience
    recipe.base.tolerance = training.tolerance ?? recipe.base.tolerance
    return recipe
  }

  func facts(_ training: TrainingOptions) -> Facts {
    ["the patience": "\(recipe(training).base.patience)"]
  }
}
