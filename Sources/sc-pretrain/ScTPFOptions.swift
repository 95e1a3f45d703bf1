import ArgumentParser
import Models
import StageSupport
import Training

extension LearningRateDecay: ExpressibleByArgument {}
extension StructureLoss: ExpressibleByArgument {}

/// How scTPF is trained before it clusters.
struct ScTPFOptions: OwnTrainingOptions {
  static let model = ModelName.sctpf

  @Option(help: "The schedule of the step size: none or cosine. (default: cosine; paper: none)")
  var decay: LearningRateDecay?

  @Option(
    help: ArgumentHelp(
      "The highest power of the graph in the encoder's second layer. With 0, a batch needs no cells outside it. (default: 0; paper: 3)",
      valueName: "n"))
  var latentHops: Int?

  @Option(
    help:
      "With --batch-size 0: the pairs of cells in the adjacency loss. exact (all), sampled, or auto (exact up to 20,000 cells). (default: auto)"
  )
  var structure: StructureLoss?

  static let declarations: [OptionDeclaration] = [
    .option("decay", for: only),
    .option("latent-hops", .integers(0...16), for: only),
    .option(
      "structure", for: only, .without("no-adjacency-loss"),
      Requirement("the batch size", "steps on all cells (--batch-size 0)") { $0 == "0" }),
  ]

  func recipe(_ training: TrainingOptions) -> ScTPFPretraining {
    var recipe: ScTPFPretraining = training.settings()
    recipe.model.latentHops = latentHops ?? recipe.model.latentHops
    recipe.plan.decay = decay ?? recipe.plan.decay
    recipe.hops = training.hops ?? recipe.hops
    recipe.structure = structure ?? recipe.structure
    if training.ablations.noAdjacencyLoss { recipe.model.adjacencyWeight = 0 }
    if training.ablations.noCountsLoss { recipe.model.dropLikelihood() }
    return recipe
  }

  func facts(_ training: TrainingOptions) -> Facts {
    let recipe = recipe(training)
    return ["the patience": "\(recipe.patience)", "the batch size": "\(recipe.batchSize)"]
  }
}
