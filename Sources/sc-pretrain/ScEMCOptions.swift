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
  static let readsSecondModality = true

  @Option(
    help:
      "How cells of a batch attend to each other: paper (its equations) or transformer (a full layer, as in the released program). (default: paper)"
  )
  var aggregation: AggregationChoice?

  @Flag(help: "Ablation: no skip connection; the joint codes alone.")
  var noSkip = false

  @Flag(help: "Ablation: cells do not attend to each other.")
  var noAggregation = false

  @Flag(help: "Ablation: no reconstruction of the counts.")
  var noReconstruction = false

  @Flag(help: "Ablation: no loss between pairs of similar cells.")
  var noClusterLoss = false

  @Flag(help: "Ablation: the RNA alone, without the second modality.")
  var rnaOnly = false

  static let declarations: [OptionDeclaration] = [
    .option("aggregation", for: .scemc, .without("no-aggregation")),
    .option("no-skip", for: .scemc), .option("no-aggregation", for: .scemc),
    .option("no-reconstruction", for: .scemc), .option("no-cluster-loss", for: .scemc),
    .option("rna-only", for: .scemc),
  ]

  mutating func validate() throws {
    if noReconstruction && noClusterLoss {
      throw ValidationError(
        "--no-reconstruction and --no-cluster-loss leave nothing to learn from.")
    }
  }

  func recipe(_ training: TrainingOptions) -> ScEMCPretraining {
    var recipe: ScEMCPretraining = training.settings()
    recipe.hops = training.hops ?? recipe.hops
    let chosen = aggregation?.aggregation ?? recipe.model.aggregation
    recipe.model.aggregation = noAggregation ? .none : chosen
    recipe.model.skips = !noSkip
    recipe.model.reconstructs = !noReconstruction
    recipe.model.clusters = !noClusterLoss
    recipe.model.rnaNoise = training.rnaNoise ?? recipe.model.rnaNoise
    recipe.model.secondNoise = training.secondNoise ?? recipe.model.secondNoise
    recipe.model.phi = training.phi ?? recipe.model.phi
    recipe.usesSecond = !rnaOnly
    return recipe
  }

  func validate(with training: TrainingOptions) throws {
    if training.batchSize == 0 {
      throw ValidationError(
        "--batch-size 0: cells of scemc attend to all others of their batch; give a number.")
    }
  }
}
