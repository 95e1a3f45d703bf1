import CellData
import Clustering
import Models
import StageSupport
import Tensors
import Training

/// How sc-cluster trains DESC.
package struct DESCRecipe: ClusteringRecipe {
  package var settings: DESCClustering

  package init(_ settings: DESCClustering) { self.settings = settings }

  package var extent: TrainingExtent { settings.extent }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<DESC<Float>>
  {
    let stored = try cells.requiredWeights(of: DESC<Float>.name)
    let shape = settings.shape(try cells.configurationOfDESC())
    let input = try PairedInput(valuesOf: cells, readsGraph: settings.start.readsCodes)
      .seeingBatches(of: DESC<Float>.name, count: shape.batches, in: cells)
    try input.require(genes: shape.genes)
    return try PreparedClustering(
      settings, of: cells, input, clusters: clusters, seed: seed,
      stepSize: settings.stepSize(cells: cells.cellCount), schedule: settings.effectiveSchedule,
      rule: { [settings] in settings.targetRule() },
      provenance: settings.provenance(
        own: [("fewest_steps", .integer(settings.fewestSteps))]),
      annotate: { $0.store(shape) },
      model: {
        let model = DESC<Float>(shape, clusters: clusters)
        try model.load(stored)
        return model
      })
  }
}
