import CellData
import ModelStages
import Models
import StageSupport

/// How scDeepCluster is trained with clusters. Other models share all of its options.
struct ScDeepClusterOptions: OwnMethodOptions {
  static let model = ModelName.scdeepcluster
  static let declarations: [OptionDeclaration] = []

  func recipe(_ options: ModelOptions) -> ScDeepClusterClustering {
    var settings: ScDeepClusterClustering = options.stableSettings()
    settings.noise = options.rnaNoise
    return settings
  }
}
