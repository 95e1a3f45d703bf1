import CellData
import ModelStages
import Models
import StageSupport

/// How DESC is trained with clusters. Other models share all of its options.
struct DESCOptions: OwnMethodOptions {
  static let model = ModelName.desc
  static let declarations: [OptionDeclaration] = []

  func recipe(_ options: ModelOptions) -> DESCClustering {
    var settings: DESCClustering = options.stableSettings()
    // A given size holds for few cells too.
    if options.batchSize != nil { settings.fewestSteps = 1 }
    return settings
  }

  func resolution(_ options: ModelOptions) -> Double? {
    let preset: DESCClustering = options.preset.base.settings()
    return preset.resolution
  }

  func facts(_ options: ModelOptions, in cells: CellData?) -> Facts {
    options.ablations.noClusterLoss
      ? ["the clustering loss": "switched off (--no-cluster-loss)"] : [:]
  }
}
