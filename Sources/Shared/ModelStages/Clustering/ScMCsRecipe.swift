import CellData
import Clustering
import Models
import StageSupport
import Tensors
import Training

/// How sc-cluster partitions the codes of scMCs, once or in two ways; the model itself does not
/// train.
package struct ScMCsRecipe: ClusteringRecipe {
  package var settings: ScMCsClustering
  /// K_2, of a second clustering; nil without one.
  package var secondClusters: Int?

  package init(_ settings: ScMCsClustering, secondClusters: Int? = nil) {
    (self.settings, self.secondClusters) = (settings, secondClusters)
  }

  package init(of run: ClusteringRun) { self.init(ScMCsClustering(lossesOf: run)) }

  package var extent: TrainingExtent { settings.extent }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<ScMCs<Float>>
  {
    var prepared = try ScMCs<Float>.preparedPartition(
      settings, of: cells, clusters: clusters, seed: seed,
      provenance: [("second_clusters", .optional(secondClusters))])
    prepared.division = try division(of: cells, clusters: clusters, seed: seed)
    return prepared
  }

  /// - Throws: `ModelStageFault` where there are fewer cells than clusters.
  private func division(of cells: CellData, clusters: Int, seed: UInt64) throws -> Division? {
    guard let secondClusters else { return nil }
    guard secondClusters <= cells.cellCount else {
      throw ModelStageFault(
        "\(secondClusters) clusters (--second-clusters) for \(cells.cellCount) cells; ask for fewer"
      )
    }
    let both = [clusters, secondClusters]
    return Division(clusters: both) { [settings] codes, report in
      try settings.division.divide(codes, clusters: both, seed: seed, report: report)
    }
  }
}
