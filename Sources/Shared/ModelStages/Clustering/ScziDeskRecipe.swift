import CellData
import Clustering
import Models
import StageSupport
import Tensors
import Training

/// How sc-cluster trains scziDesk.
package struct ScziDeskRecipe: ClusteringRecipe {
  package var settings: ScziDeskClustering

  package init(_ settings: ScziDeskClustering) { self.settings = settings }

  package var extent: TrainingExtent { settings.extent }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<ScziDesk<Float>>
  {
    let stored = try cells.requiredWeights(of: ScziDesk<Float>.name)
    let shape = settings.shape(try cells.layersOfScziDesk())
    let input = try PairedInput(
      cells, usesSecond: false, hops: 0, readsGraph: settings.start.readsCodes
    ).seeingBatches(of: ScziDesk<Float>.name, count: shape.batches, in: cells)
    try input.require(genes: shape.genes)
    return try PreparedClustering(
      settings, of: cells, input, clusters: clusters, seed: seed,
      stepSize: settings.stepSize(cells: cells.cellCount),
      rule: { [settings] in settings.stabilityRule() },
      provenance: settings.provenance(own: [("noise", .number(shape.noise))]),
      annotate: { $0.store(noiseOfScziDesk: shape.noise) },
      model: { [weights = settings.weights] in
        let model = ScziDesk(ScDeepCluster<Float>(shape, clusters: clusters), weights)
        try model.load(stored)
        return model
      })
  }
}
