import CellData
import ModelStages
import Models
import StageSupport

/// How DESC is trained with clusters: all of its options are those of other models too.
struct DESCOptions: OwnMethodOptions {
  static let model = ModelName.desc
  static let declarations: [OptionDeclaration] = []

  func recipe(_ options: ModelOptions) -> DESCRecipe {
    var settings: DESCClustering = options.stableSettings()
    // What is asked for holds for few cells too.
    if options.batchSize != nil { settings.fewestSteps = 1 }
    return DESCRecipe(settings)
  }

  func facts(_ options: ModelOptions, in cells: CellData?) -> Facts {
    options.ablations.noClusterLoss
      ? ["the clustering loss": "switched off (--no-cluster-loss)"] : [:]
  }
}
