import CellData
import ModelStages
import Models
import StageSupport

/// How scDeepCluster is trained with clusters: all of its options are those of other models too.
struct ScDeepClusterOptions: OwnMethodOptions {
  static let model = ModelName.scdeepcluster
  static let declarations: [OptionDeclaration] = []

  func recipe(_ options: ModelOptions) -> ScDeepClusterRecipe {
    var settings: ScDeepClusterClustering = options.settings()
    settings.schedule.patience = options.patience ?? settings.schedule.patience
    settings.schedule.interval = options.updateInterval ?? settings.schedule.interval
    settings.stableShare = options.stableShare ?? settings.stableShare
    settings.noise = options.rnaNoise
    if options.filtering.filter { settings.filter = options.filtering.laid(over: .standard) }
    if options.noClusterLoss { settings.gamma = 0 }
    return ScDeepClusterRecipe(settings)
  }
}
