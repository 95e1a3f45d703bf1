import CellData
import Models
import StageSupport
import Tensors
import Training

/// How sc-cluster trains scMDC.
package struct ScMDCRecipe: ClusteringRecipe {
  package var settings: ScMDCClustering

  package init(_ settings: ScMDCClustering) { self.settings = settings }

  package var extent: TrainingExtent { settings.extent }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<ScMDC<Float>>
  {
    let stored = try cells.requiredWeights(of: ScMDC<Float>.name)
    let shape = settings.shape(try cells.configurationOfScMDC())
    let input = try PairedInput(
      both: cells, of: .scmdc, readsGraph: settings.start.readsCodes
    ).seeingBatches(of: ScMDC<Float>.name, count: shape.batches, in: cells)
    try input.require(
      genes: shape.genes, features: shape.features, hasCounts: shape.secondHasCounts)
    return try PreparedClustering(
      settings, of: cells, input, clusters: clusters, seed: seed, stepSize: settings.batchSize,
      rule: { [settings] in settings.stabilityRule() },
      provenance: settings.provenance(own: shape.settings), annotate: { $0.store(shape) },
      model: {
        let model = ScMDC<Float>(shape, clusters: clusters)
        try model.load(stored)
        return model
      })
  }
}
