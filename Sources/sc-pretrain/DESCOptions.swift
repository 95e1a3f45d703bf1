import ArgumentParser
import Models
import StageSupport

extension OutputLayer: ExpressibleByArgument {}

/// How DESC is trained before it clusters.
struct DESCOptions: OwnTrainingOptions {
  static let model = ModelName.desc

  @Option(
    help:
      "The last layer of the decoder: tanh (as published, values within ±1) or linear. (default: tanh)"
  )
  var outputLayer: OutputLayer?

  @Option(
    help: ArgumentHelp(
      "The dropout rate of inputs and hidden values while a layer learns alone. (default: 0.2)",
      valueName: "share"))
  var dropout: Double?

  static let declarations: [OptionDeclaration] = [
    .option("output-layer", for: only), .option("dropout", .belowOne, for: only),
  ]

  func recipe(_ training: TrainingOptions) -> DESCPretraining {
    var recipe: DESCPretraining = training.settings()
    // A given size holds for few cells too.
    if training.batchSize != nil { recipe.fewestSteps = 1 }
    recipe.output = outputLayer ?? recipe.output
    recipe.dropout = dropout ?? recipe.dropout
    return recipe
  }
}
