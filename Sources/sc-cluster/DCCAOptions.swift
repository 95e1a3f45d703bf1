import CellData
import ModelStages
import Models
import StageSupport

/// How the codes of DCCA are partitioned: it has no loss of clusters.
struct DCCAOptions: OwnMethodOptions {
  static let model = ModelName.dcca
  static let declarations: [OptionDeclaration] = []

  func facts(_ options: ModelOptions, in cells: CellData?) -> Facts {
    let reason = "but dcca has none: its first partition is the result"
    return ["the clustering loss": reason, "the clustering loss of the model": reason]
  }

  func recipe(_ options: ModelOptions) -> DCCARecipe {
    var settings: DCCAClustering = options.settings()
    settings.schedule.epochs = 0
    return DCCARecipe(settings)
  }
}
