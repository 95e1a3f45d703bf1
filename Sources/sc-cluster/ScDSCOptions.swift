import CellData
import ModelStages
import Models
import StageSupport

/// How scDSC is trained with clusters: all of its options are those of other models too.
struct ScDSCOptions: OwnMethodOptions {
  static let model = ModelName.scdsc
  static let declarations: [OptionDeclaration] = []

  func recipe(_ options: ModelOptions) -> ScDSCRecipe {
    var settings: ScDSCClustering = options.settings()
    settings.patience = options.patience
    settings.schedule.interval = options.updateInterval ?? settings.schedule.interval
    settings.stableShare = options.stableShare ?? settings.stableShare
    if options.filtering.filter { settings.filter = options.filtering.laid(over: .standard) }
    if options.noClusterLoss { settings.gamma = 0 }
    return ScDSCRecipe(settings)
  }
}
