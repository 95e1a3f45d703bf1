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
    try ScMDC<Float>(shape, clusters: clusters).load(stored)
    return try PreparedClustering(
      settings, filter: settings.filter, of: cells, input, clusters: clusters, seed: seed,
      provenance: provenance(shape), annotate: { $0.store(shape) },
      training: { [settings] _ in
        let model = ScMDC<Float>(shape, clusters: clusters)
        try model.load(stored)
        return GuardedTraining(
          model, on: PairedSteps(input.data, size: settings.batchSize, seed: seed),
          rule: StabilityRule(share: settings.stableShare, filter: settings.filter),
          schedule: settings.schedule)
      })
  }

  private func provenance(_ shape: ScMDC<Float>.Configuration) -> [(String, JSONValue)] {
    let schedule = settings.schedule
    return [
      ("start", .string(settings.start.rawValue)), ("gamma", .number(shape.gamma)),
      ("epochs", .integer(schedule.epochs)), ("learning_rate", .number(schedule.learningRate)),
      ("batch_size", .integer(settings.batchSize)),
      ("freeze_centers", .boolean(!shape.trainsCenters)),
      ("stable_share", .number(settings.stableShare)),
      ("keep", .string(schedule.keeps.rawValue)), ("patience", .integer(schedule.patience)),
    ] + shape.settings + (settings.filter?.provenance ?? [])
      + switchedOn([("keep_snapshots", schedule.keepsSnapshots)])
  }
}
