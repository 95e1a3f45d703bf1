import ArgumentParser
import Models
import StageSupport

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

  @Flag(help: "Ablation: no clustering losses; the first partition is the result.")
  var noClusterLoss = false

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
    .option("no-cluster-loss", for: .scemc, .model),
  ]

  /// The stored model with the weights of its losses.
  func configuration(_ stored: ScEMC<Float>.Configuration, _ options: ModelOptions)
    -> ScEMC<Float>.Configuration
  {
    var result = stored
    result.lambda1 = lambdaReconstruction ?? 1
    result.lambda2 = lambdaCluster ?? 10
    result.phi = phi ?? stored.phi
    result.gamma = options.gamma ?? 0.1
    result.rnaNoise = rnaNoise ?? stored.rnaNoise
    result.secondNoise = secondNoise ?? stored.secondNoise
    result.reconstructs = stored.reconstructs && !noReconstruction && result.lambda1 > 0
    result.clusters = stored.clusters && !noClusterLoss && result.lambda2 > 0
    result.trainsCenters = !options.freezeCenters
    return result
  }

  /// All settings with the preset's in the place of those not given.
  func schedule(_ options: ModelOptions, seed: UInt64) -> ScEMCClustering {
    var schedule = ScEMCClustering()
    schedule.epochs = options.epochs ?? (options.isPaper ? 500 : 30)
    schedule.learningRate = options.learningRate ?? 1
    schedule.batchSize = options.batchSize ?? 256
    schedule.stableShare = stableShare ?? 0.001
    schedule.keeps = options.keep ?? (options.isPaper ? .last : .best)
    schedule.patience = options.patience ?? 3
    schedule.seed = seed
    return schedule
  }
}

extension ScEMCClustering {
  /// What the provenance notes.
  var settings: [(String, JSONValue)] {
    [
      ("epochs", .integer(epochs)), ("learning_rate", .number(learningRate)),
      ("batch_size", .integer(batchSize)), ("stable_share", .number(stableShare)),
      ("keep", .string(keeps.rawValue)), ("patience", .integer(patience)),
    ]
  }
}
