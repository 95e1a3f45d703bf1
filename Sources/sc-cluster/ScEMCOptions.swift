import ArgumentParser
import CellData
import ModelStages
import Models
import StageSupport
import Training

/// The options of clustering with scEMC alone: the weights of its losses.
struct ScEMCOptions: OwnMethodOptions {
  static let model = ModelName.scemc

  @Option(
    help: ArgumentHelp("λ1: the weight of the reconstruction. (default: 1)", valueName: "weight"))
  var lambdaReconstruction: Double?

  @Option(
    help: ArgumentHelp(
      "λ2: the weight of the clustering losses. (default: 10)", valueName: "weight"))
  var lambdaCluster: Double?

  static let declarations: [OptionDeclaration] = [
    .option(
      "lambda-reconstruction", .reals(0...1e6), for: only, .without("no-reconstruction"),
      .reconstruction, .clusteringLoss),
    .option("lambda-cluster", .reals(0...1e6), for: only, .without("no-cluster-loss"), .model),
  ]

  func facts(_ options: ModelOptions, in cells: CellData?) -> Facts {
    var facts = options.factsOfConstantCenters
    if let cells, let stored = try? ScEMC<Float>.shape(in: cells) {
      facts["the clustering loss of the model"] = part(stored.clusters)
      facts["the clustering loss"] = part(stored.clusters)
      facts["the reconstruction"] = part(stored.reconstructs)
      facts["the second modality"] = part(stored.features != nil)
    }
    if options.ablations.noClusterLoss {
      facts["the clustering loss"] = "switched off (--no-cluster-loss)"
    } else if lambdaCluster == 0 {
      facts["the clustering loss"] = "of weight 0 (--lambda-cluster 0)"
    }
    return facts
  }

  func validate(with options: ModelOptions) throws {
    guard options.batchSize == 0 else { return }
    throw ValidationError(
      "--batch-size 0: cells of scemc attend to all others of their batch; give a number.")
  }

  func recipe(_ options: ModelOptions) -> ScEMCClustering {
    var settings: ScEMCClustering = options.stableSettings()
    settings.lambda1 = lambdaReconstruction ?? settings.lambda1
    settings.lambda2 = lambdaCluster ?? settings.lambda2
    settings.phi = options.phi ?? settings.phi
    (settings.rnaNoise, settings.secondNoise) = (options.rnaNoise, options.secondNoise)
    settings.reconstructs = !options.ablations.noReconstruction
    settings.clusters = !options.ablations.noClusterLoss
    return settings
  }
}
