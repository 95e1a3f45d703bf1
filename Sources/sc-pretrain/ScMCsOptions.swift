import ArgumentParser
import Models
import StageSupport

/// How scMCs is trained.
struct ScMCsOptions: OwnTrainingOptions {
  static let model = ModelName.scmcs

  @Option(
    help: ArgumentHelp(
      "λ: the weight of the second modality's code in X_latent; the RNA has 1. (default: 1; paper: 0.1)",
      valueName: "weight"))
  var secondShare: Double?

  @Option(
    help: ArgumentHelp(
      "The weight of the second modality's likelihood in the last round; the RNA has 1. (default: 1; paper: 1e-4)",
      valueName: "weight"))
  var secondWeight: Double?

  @Option(
    help: ArgumentHelp(
      "The weight of the contrast of both modalities' shared codes. (default: 0.01)",
      valueName: "weight"))
  var contrast: Double?

  static let declarations: [OptionDeclaration] = [
    .option("second-share", .reals(0...1e6), for: only),
    .option("second-weight", .reals(0...1e6), for: only),
    .option("contrast", .reals(0...1e6), for: only),
  ]

  func recipe(_ training: TrainingOptions) -> ScMCsPretraining {
    var recipe: ScMCsPretraining = training.settings()
    recipe.model.secondShare = secondShare ?? recipe.model.secondShare
    recipe.model.secondWeight = secondWeight ?? recipe.model.secondWeight
    recipe.model.contrastWeight = contrast ?? recipe.model.contrastWeight
    return recipe
  }
}
