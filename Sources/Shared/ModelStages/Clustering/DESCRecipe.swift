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
    try input.require(genes: shape.genes)
    try DESC<Float>(shape, clusters: clusters).load(stored)
    let size = settings.stepSize(cells: cells.cellCount)
    return try PreparedClustering(
      settings, filter: settings.filter, of: cells, input, clusters: clusters, seed: seed,
      provenance: provenance(shape), annotate: { $0.store(shape) },
      training: { [settings] _ in
        let model = DESC<Float>(shape, clusters: clusters)
        try model.load(stored)
        return GuardedTraining(
          model, on: PairedSteps(input.data, size: size, seed: seed),
          rule: TargetRule(stableShare: settings.stableShare, filter: settings.filter),
          schedule: settings.effectiveSchedule)
      })
  }

  private func provenance(_ shape: DESC<Float>.Configuration) -> [(String, JSONValue)] {
    let schedule = settings.schedule
    return [
      ("start", .string(settings.start.rawValue)), ("gamma", .number(shape.gamma)),
      ("epochs", .integer(schedule.epochs)), ("update_interval", .integer(schedule.interval)),
      ("learning_rate", .number(schedule.learningRate)),
      ("batch_size", .integer(settings.batchSize)),
      ("fewest_steps", .integer(settings.fewestSteps)),
      ("freeze_centers", .boolean(!shape.trainsCenters)),
      ("stable_share", .number(settings.stableShare)),
      ("keep", .string(schedule.keeps.rawValue)), ("patience", .integer(schedule.patience)),
    ] + (settings.filter?.provenance ?? [])
      + switchedOn([("keep_snapshots", schedule.keepsSnapshots)])
  }
}
