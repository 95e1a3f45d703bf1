import ArgumentParser
import CellData
import ModelStages
import Models
import StageSupport

/// How scMDC is trained with clusters. Other models share all of its options.
struct ScMDCOptions: OwnMethodOptions {
  static let model = ModelName.scmdc
  static let declarations: [OptionDeclaration] = []

  func recipe(_ options: ModelOptions) -> ScMDCClustering {
    var settings: ScMDCClustering = options.stableSettings()
    (settings.phi, settings.rnaNoise) = (options.phi, options.rnaNoise)
    settings.secondNoise = options.secondNoise
    if options.ablations.noClusterLoss { settings.phi = 0 }
    return settings
  }

  func validate(with options: ModelOptions) throws {
    guard options.batchSize == 0 else { return }
    throw ValidationError(
      "--batch-size 0: every cell of scmdc is compared with all others of its batch; give a number."
    )
  }
}
