import ArgumentParser
import Models
import StageSupport

extension NoiseSite: ExpressibleByArgument {}

/// How scDeepCluster is trained before it clusters.
struct ScDeepClusterOptions: OwnTrainingOptions {
  static let model = ModelName.scdeepcluster

  @Option(
    help:
      "Where the noise enters: input (the values) or encoder (its hidden layers too). (default: encoder; released: input)"
  )
  var noiseSite: NoiseSite?

  static let declarations: [OptionDeclaration] = [.option("noise-site", for: only)]

  func recipe(_ training: TrainingOptions) -> ScDeepClusterPretraining {
    var recipe: ScDeepClusterPretraining = training.settings()
    recipe.model.noise = training.rnaNoise ?? recipe.model.noise
    recipe.model.noiseSite = noiseSite ?? recipe.model.noiseSite
    return recipe
  }
}
