import ArgumentParser
import Models
import StageSupport

/// How scMVAE is trained.
struct ScMVAEOptions: OwnTrainingOptions {
  static let model = ModelName.scmvae

  @Option(
    help: ArgumentHelp(
      "The number of Gaussian components in the prior of the codes, at most a quarter of the number of cells. They are not the clusters. (default: 22)",
      valueName: "n"))
  var mixture: Int?

  @Option(
    help: ArgumentHelp(
      "The weight of the RNA's likelihood; the second modality has 1. (default: 4)",
      valueName: "weight"))
  var rnaWeight: Double?

  static let declarations: [OptionDeclaration] = [
    .option("mixture", .integers(1...10_000), for: only),
    .option("rna-weight", .reals(0...1e6), for: only),
  ]

  func recipe(_ training: TrainingOptions) -> ScMVAEPretraining {
    var recipe: ScMVAEPretraining = training.settings()
    recipe.model.components = mixture ?? recipe.model.components
    recipe.model.rnaWeight = rnaWeight ?? recipe.model.rnaWeight
    recipe.model.latent = training.latent ?? recipe.model.latent
    recipe.model.rnaLikelihood =
      training.countsLikelihood?.likelihood ?? recipe.model.rnaLikelihood
    return recipe
  }

  func validate(with training: TrainingOptions) throws {
    try training.requireBatches(of: Self.model)
  }
}
