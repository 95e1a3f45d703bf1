import ArgumentParser
import ModelStages
import Models
import StageSupport
import Training

/// What clustering with scEMC has for itself: the weights of its losses. What is not given is as sc-pretrain was told, or the paper's.
struct ScEMCOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp("λ1: the weight of the reconstruction. (default: 1)", valueName: "weight"))
  var lambdaReconstruction: Double?

  @Option(
    help: ArgumentHelp(
      "λ2: the weight of the clustering losses. (default: 10)", valueName: "weight"))
  var lambdaCluster: Double?

  @Option(
    help: ArgumentHelp(
      "φ: of these, the weight of the loss between pairs of cells. (default: as in pretraining, 0.001)",
      valueName: "weight"))
  var phi: Double?

  @Option(
    help: ArgumentHelp(
      "σ of the noise on standardized RNA. (default: as in pretraining)", valueName: "sigma"))
  var rnaNoise: Double?

  @Option(
    help: ArgumentHelp(
      "σ of the noise on the standardized second modality. (default: as in pretraining)",
      valueName: "sigma"))
  var secondNoise: Double?

  @Option(
    help: ArgumentHelp(
      "Training ends when an epoch changes a smaller share of the labels. (default: 0.001)",
      valueName: "share"))
  var stableShare: Double?

  @Flag(help: "Ablation: counts are not explained.")
  var noReconstruction = false

  static let declarations: [OptionDeclaration] = [
    .option(
      "lambda-reconstruction", .reals(0...1e6), for: .scemc, .without("no-reconstruction"),
      .reconstruction, .clusteringLoss),
    .option("lambda-cluster", .reals(0...1e6), for: .scemc, .without("no-cluster-loss"), .model),
    .option("phi", .reals(0...1e6), for: .scemc, .clusteringLoss),
    .option("rna-noise", .reals(0...1000), for: .scemc, .clusteringLoss),
    .option("second-noise", .reals(0...1000), for: .scemc, .secondModality, .clusteringLoss),
    .option("stable-share", .reals(0...1), for: .scemc, .clusteringLoss),
    .option("no-reconstruction", for: .scemc, .reconstruction, .clusteringLoss),
  ]

  /// The preset with what was given in its place.
  func recipe(_ options: ModelOptions) -> ScEMCRecipe {
    var settings: ScEMCClustering = options.settings()
    settings.schedule.patience = options.patience ?? settings.schedule.patience
    if options.filtering.filter { settings.filter = options.filtering.laid(over: .standard) }
    settings.stableShare = stableShare ?? settings.stableShare
    settings.lambda1 = lambdaReconstruction ?? settings.lambda1
    settings.lambda2 = lambdaCluster ?? settings.lambda2
    settings.phi = phi ?? settings.phi
    (settings.rnaNoise, settings.secondNoise) = (rnaNoise, secondNoise)
    (settings.reconstructs, settings.clusters) = (!noReconstruction, !options.noClusterLoss)
    return ScEMCRecipe(settings)
  }
}
