import CellData
import ModelStages
import Models
import StageSupport

/// How the codes of DCCA, which has no loss of clusters, are partitioned.
struct DCCAOptions: OwnMethodOptions {
  static let model = ModelName.dcca
  static let declarations: [OptionDeclaration] = []

  func facts(_ options: ModelOptions, in cells: CellData?) -> Facts { factsWithoutClusteringLoss }

  func recipe(_ options: ModelOptions) -> FirstPartitionRecipe<DCCA<Float>> {
    let settings = options.firstPartition
    return FirstPartitionRecipe(
      settings, extent: DCCA<Float>.clusteringExtent(batch: settings.batchSize))
  }
}
