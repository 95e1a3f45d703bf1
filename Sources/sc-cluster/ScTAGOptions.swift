import CellData
import ModelStages
import Models
import StageSupport

/// How scTAG is trained with clusters. Other models share all of its options.
struct ScTAGOptions: OwnMethodOptions {
  static let model = ModelName.sctag
  static let declarations: [OptionDeclaration] = []

  func recipe(_ options: ModelOptions) -> ScTAGClustering {
    var settings: ScTAGClustering = options.stableSettings()
    settings.patience = options.patience
    return settings
  }

  func facts(_ options: ModelOptions, in cells: CellData?) -> Facts {
    options.factsOfConstantCenters
  }
}
