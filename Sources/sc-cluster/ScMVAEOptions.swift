import CellData
import ModelStages
import Models
import StageSupport

/// How the codes of scMVAE, which has no loss of clusters, are partitioned.
struct ScMVAEOptions: OwnMethodOptions {
  static let model = ModelName.scmvae
  static let declarations: [OptionDeclaration] = []

  func facts(_ options: ModelOptions, in cells: CellData?) -> Facts { factsWithoutClusteringLoss }

  func recipe(_ options: ModelOptions) -> FirstPartitionRecipe<ScMVAE<Float>> {
    let settings = options.firstPartition
    return FirstPartitionRecipe(
      settings, extent: ScMVAE<Float>.clusteringExtent(batch: settings.batchSize))
  }
}
