import CellData
import Clustering
import Models
import StageSupport
import Tensors
import Training

/// How sc-cluster trains scDeepCluster.
package struct ScDeepClusterRecipe: ClusteringRecipe {
  package var settings: ScDeepClusterClustering

  package init(_ settings: ScDeepClusterClustering) { self.settings = settings }

  package var extent: TrainingExtent { settings.extent }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<ScDeepCluster<Float>>
  {
    let stored = try cells.requiredWeights(of: ScDeepCluster<Float>.name)
    let shape = settings.shape(try cells.configurationOfScDeepCluster())
    let input = try PairedInput(
      cells, usesSecond: false, hops: 0, readsGraph: settings.start.readsCodes
    ).seeingBatches(of: ScDeepCluster<Float>.name, count: shape.batches, in: cells)
    try input.require(genes: shape.genes)
    return try PreparedClustering(
      settings, of: cells, input, clusters: clusters, seed: seed,
      stepSize: settings.stepSize(cells: cells.cellCount),
      rule: { [settings] in settings.targetRule() },
      provenance: settings.provenance(
        own: [("noise", .number(shape.noise)), ("noise_site", .string(shape.noiseSite.rawValue))],
        switches: [("floor_added", shape.floor == .added(1e-6))]),
      annotate: { $0.store(shape) },
      model: {
        let model = ScDeepCluster<Float>(shape, clusters: clusters)
        try model.load(stored)
        return model
      })
  }
}

extension PairedInput {
  /// Throws a `ModelStageFault` where the model is not one of that many genes.
  func require(genes: Int) throws(ModelStageFault) {
    try ModelStageFault.require(genes: genes, of: data.rna.targetCount)
  }
}
