import ArgumentParser
import Models
import StageSupport

/// How the layer that joins both measurements is built.
enum AggregationChoice: String, CaseIterable, ExpressibleByArgument {
  case paper, transformer

  var aggregation: Aggregation { self == .paper ? .paper : .transformer }
}

/// The model of scEMC and how it is trained before it clusters.
struct ScEMCOptions: OwnTrainingOptions {
  static let model = ModelName.scemc

  @Option(
    help:
      "How cells of a batch attend to each other: paper (its equations) or transformer (a full layer, as in the released program). (default: paper)"
  )
  var aggregation: AggregationChoice?

  static let declarations: [OptionDeclaration] = [
    .option("aggregation", for: only, .without("no-aggregation"))
  ]

  func recipe(_ training: TrainingOptions) -> ScEMCPretraining {
    var recipe: ScEMCPretraining = training.settings()
    recipe.hops = training.hops ?? recipe.hops
    let chosen = aggregation?.aggregation ?? recipe.model.aggregation
    let ablations = training.ablations
    recipe.model.aggregation = ablations.noAggregation ? .none : chosen
    recipe.model.skips = !ablations.noSkip
    recipe.model.reconstructs = !ablations.noReconstruction
    recipe.model.clusters = !ablations.noClusterLoss
    recipe.model.rnaNoise = training.rnaNoise ?? recipe.model.rnaNoise
    recipe.model.secondNoise = training.secondNoise ?? recipe.model.secondNoise
    recipe.model.phi = training.phi ?? recipe.model.phi
    recipe.usesSecond = !ablations.rnaOnly
    return recipe
  }

  func validate(with training: TrainingOptions) throws {
    if training.batchSize == 0 {
      throw ValidationError(
        "--batch-size 0: cells of scemc attend to all others of their batch; give a number.")
    }
  }
}
