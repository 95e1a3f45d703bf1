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
    let batchSize = settings.batchSize == 0 ? cells.cellCount : settings.batchSize
    try ScziDesk(ScDeepCluster<Float>(shape, clusters: clusters)).load(stored)
    return try PreparedClustering(
      settings, filter: settings.filter, of: cells, input, clusters: clusters, seed: seed,
      provenance: provenance(shape), annotate: { $0.store(noiseOfScziDesk: shape.noise) },
      training: { [settings] _ in
        let model = ScziDesk(
          ScDeepCluster<Float>(shape, clusters: clusters), settings.weights)
        try model.load(stored)
        return GuardedTraining(
          model, on: PairedSteps(input.data, size: batchSize, seed: seed),
          rule: StabilityRule(share: settings.stableShare, filter: settings.filter),
          schedule: settings.schedule)
      })
  }

  private func provenance(_ shape: ScDeepCluster<Float>.Configuration) -> [(String, JSONValue)] {
    let schedule = settings.schedule
    return [
      ("start", .string(settings.start.rawValue)), ("gamma", .number(settings.gamma)),
      ("epochs", .integer(schedule.epochs)),
      ("update_interval", .integer(schedule.interval)),
      ("learning_rate", .number(schedule.learningRate)),
      ("batch_size", .integer(settings.batchSize)),
      ("freeze_centers", .boolean(!shape.trainsCenters)),
      ("stable_share", .number(settings.stableShare)), ("noise", .number(shape.noise)),
      ("keep", .string(schedule.keeps.rawValue)), ("patience", .integer(schedule.patience)),
    ] + (settings.filter?.provenance ?? [])
      + switchedOn([("keep_snapshots", schedule.keepsSnapshots)])
  }
}
