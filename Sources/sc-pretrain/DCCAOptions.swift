import ArgumentParser
import Models
import StageSupport

extension CodeChoice: ExpressibleByArgument {}

/// How DCCA is trained.
struct DCCAOptions: OwnTrainingOptions {
  static let model = ModelName.dcca

  @Option(
    help:
      "The codes that become X_latent: joint (those of both modalities, standardized), rna or second. (default: joint)"
  )
  var codes: CodeChoice?

  @Option(
    help: ArgumentHelp(
      "How often each modality learns from the codes of the other. 0: never. 1: only the second modality, from the RNA. (default: 2; paper: 3)",
      valueName: "n"))
  var cycles: Int?

  @Option(
    help: ArgumentHelp(
      "The weight of the distance to the codes of the RNA, when the second modality learns from them. (default: 5)",
      valueName: "weight"))
  var rnaTeaches: Double?

  @Option(
    help: ArgumentHelp(
      "The weight of the distance to the codes of the second modality, when the RNA learns from them. (default: 1)",
      valueName: "weight"))
  var secondTeaches: Double?

  static let declarations: [OptionDeclaration] = [
    .option("codes", for: only),
    .option("cycles", .integers(0...100), for: only),
    .option(
      "rna-teaches", .reals(0...1e6), for: only,
      Requirement("the number of cycles", "cycles above 0") { $0 != "0" }),
    .option(
      "second-teaches", .reals(0...1e6), for: only,
      Requirement("the number of cycles", "cycles above 1") { $0 != "0" && $0 != "1" }),
  ]

  func recipe(_ training: TrainingOptions) -> DCCAPretraining {
    var recipe: DCCAPretraining = training.settings()
    recipe.cycles = cycles ?? recipe.cycles
    recipe.model.codes = codes ?? recipe.model.codes
    recipe.model.rnaLikelihood =
      training.countsLikelihood?.likelihood ?? recipe.model.rnaLikelihood
    recipe.model.latent = training.latent ?? recipe.model.latent
    recipe.model.rnaTeaches = rnaTeaches ?? recipe.model.rnaTeaches
    recipe.model.secondTeaches = secondTeaches ?? recipe.model.secondTeaches
    return recipe
  }

  func facts(_ training: TrainingOptions) -> Facts {
    let recipe = recipe(training)
    return ["the patience": "\(recipe.patience)", "the number of cycles": "\(recipe.cycles)"]
  }

  func validate(with training: TrainingOptions) throws {
    try training.requireBatches(of: Self.model)
  }
}
