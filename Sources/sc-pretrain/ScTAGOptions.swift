import Models
import StageSupport

/// How scTAG is trained before it clusters: all of its options are those of other models too.
struct ScTAGOptions: OwnTrainingOptions {
  static let model = ModelName.sctag
  static let declarations: [OptionDeclaration] = []

  func recipe(_ training: TrainingOptions) -> ScTAGPretraining {
    var recipe: ScTAGPretraining = training.settings()
    recipe.base.hops = training.hops ?? recipe.base.hops
    return recipe
  }
}
