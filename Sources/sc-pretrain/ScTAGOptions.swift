import Models
import StageSupport

/// How scTAG is trained before it clusters. Other models share all of its options.
struct ScTAGOptions: OwnTrainingOptions {
  static let model = ModelName.sctag
  static let declarations: [OptionDeclaration] = []

  func recipe(_ training: TrainingOptions) -> ScTAGPretraining {
    var recipe: ScTAGPretraining = training.settings()
    recipe.base.hops = training.hops ?? recipe.base.hops
    return recipe
  }
}
