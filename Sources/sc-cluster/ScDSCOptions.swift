import CellData
import ModelStages
import Models
import StageSupport

/// How scDSC is trained with clusters. Other models share all of its options.
struct ScDSCOptions: OwnMethodOptions {
  static let model = ModelName.scdsc
  static let declarations: [OptionDeclaration] = []

  func recipe(_ options: ModelOptions) -> ScDSCClustering {
    var settings: ScDSCClustering = options.stableSettings()
    settings.patience = options.patience
    return settings
  }
}
