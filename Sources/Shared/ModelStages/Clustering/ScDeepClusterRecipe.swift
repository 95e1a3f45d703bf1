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
    try ScDeepCluster<Float>(shape, clusters: clusters).load(stored)
    let batchSize = settings.batchSize == 0 ? cells.cellCount : settings.batchSize
    return try PreparedClustering(
      settings, filter: settings.filter, of: cells, input, clusters: clusters, seed: seed,
      provenance: provenance(shape), annotate: { $0.store(shape) },
      training: { [settings] _ in
        let model = ScDeepCluster<Float>(shape, clusters: clusters)
        try model.load(stored)
        return GuardedTraining(
          model, on: PairedSteps(input.data, size: batchSize, seed: seed),
          rule: TargetRule(stableShare: settings.stableShare, filter: settings.filter),
          schedule: settings.schedule)
      })
  }

  private func provenance(_ shape: ScDeepCluster<Float>.Configuration) -> [(String, JSONValue)] {
    let schedule = settings.schedule
    return [
      ("start", .string(settings.start.rawValue)), ("gamma", .number(shape.gamma)),
      ("epochs", .integer(schedule.epochs)), ("update_interval", .integer(schedule.interval)),
      ("learning_rate", .number(schedule.learningRate)),
      ("batch_size", .integer(settings.batchSize)),
      ("freeze_centers", .boolean(!shape.trainsCenters)),
      ("stable_share", .number(settings.stableShare)),
      ("noise", .number(shape.noise)), ("noise_site", .string(shape.noiseSite.rawValue)),
      ("keep", .string(schedule.keeps.rawValue)), ("patience", .integer(schedule.patience)),
    ] + (settings.filter?.provenance ?? [])
      + switchedOn([
        ("floor_added", shape.floor == .added(1e-6)), ("keep_snapshots", schedule.keepsSnapshots),
      ])
  }
}

extension PairedInput {
  /// Throws a `ModelStageFault` where the model is not one of that many genes.
  func require(genes: Int) throws(ModelStageFault) {
    try ModelStageFault.require(genes: genes, of: data.rna.targetCount)
  }
}
