import ArgumentParser
import CellData
import ModelStages
import Models
import StageSupport

/// How scziDesk is trained with clusters. Other models share all of its options.
struct ScziDeskOptions: OwnMethodOptions {
  static let model = ModelName.sczidesk
  static let declarations: [OptionDeclaration] = []

  func recipe(_ options: ModelOptions) -> ScziDeskClustering {
    var settings: ScziDeskClustering = options.stableSettings()
    settings.noise = options.rnaNoise
    return settings
  }

  func validate(with options: ModelOptions) throws {
    guard options.batchSize == 0 else { return }
    throw ValidationError(
      "--batch-size 0: every cell of sczidesk is compared with all others of its batch; give a number."
    )
  }
}
