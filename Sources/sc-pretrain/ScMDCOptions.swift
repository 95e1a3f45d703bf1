import ArgumentParser
import Models
import StageSupport

/// How scMDC is trained before it clusters. Other models share all of its options.
struct ScMDCOptions: OwnTrainingOptions {
  static let model = ModelName.scmdc
  static let declarations: [OptionDeclaration] = []

  func recipe(_ training: TrainingOptions) -> ScMDCPretraining {
    var recipe: ScMDCPretraining = training.settings()
    recipe.model.rnaNoise = training.rnaNoise ?? recipe.model.rnaNoise
    recipe.model.secondNoise = training.secondNoise ?? recipe.model.secondNoise
    recipe.model.phi = training.phi ?? recipe.model.phi
    return recipe
  }

  func validate(with training: TrainingOptions) throws {
    guard training.batchSize == 0 else { return }
    throw ValidationError(
      "--batch-size 0: every cell of scmdc is compared with all others of its batch; give a number."
    )
  }
}
