import ArgumentParser
import CellData
import ModelStages
import Models
import StageSupport

/// How the codes of scMCs, which has no loss of clusters, are partitioned.
struct ScMCsOptions: OwnMethodOptions {
  static let model = ModelName.scmcs

  @Option(
    help: ArgumentHelp(
      "Also find a second clustering of n clusters, with little in common with the first: obs/cluster_second.",
      valueName: "n"))
  var secondClusters: Int?

  static let declarations: [OptionDeclaration] = [
    .option("second-clusters", .integers(2...1_000_000), for: only)
  ]

  func facts(_ options: ModelOptions, in cells: CellData?) -> Facts { factsWithoutClusteringLoss }

  func recipe(_ options: ModelOptions) -> ScMCsRecipe {
    var settings: ScMCsClustering = options.settings()
    settings.schedule.epochs = 0
    return ScMCsRecipe(settings, secondClusters: secondClusters)
  }
}
