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

  package var extent: TrainingExtent { settings.extent }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<ScMCs<Float>>
  {
    let stored = try cells.requiredWeights(of: ScMCs<Float>.name)
    let shape = try cells.configurationOfScMCs()
    let input = try PairedInput(
      countsOf: cells, for: .scmcs, readsGraph: settings.start.readsCodes)
    try input.require(
      genes: shape.genes, features: shape.features, likelihood: shape.secondLikelihood)
    try ScMCs<Float>(shape, clusters: clusters).load(stored)
    var prepared = try PreparedClustering(
      settings, filter: nil, of: cells, input, clusters: clusters, seed: seed,
      provenance: [
        ("start", .string(settings.start.rawValue)),
        ("second_clusters", .optional(secondClusters)),
      ],
      annotate: { $0.store(shape) },
      training: { [settings] _ in
        let model = ScMCs<Float>(shape, clusters: clusters)
        try model.load(stored)
        return GuardedTraining(
          model, on: PairedSteps(input.data, size: max(1, settings.batchSize), seed: seed),
          rule: StabilityRule(share: 0), schedule: settings.schedule)
      })
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
