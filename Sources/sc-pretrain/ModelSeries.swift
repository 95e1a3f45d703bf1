import CellData
import ModelStages
import Models
import StageSupport
import Tensors

/// The models of a run: the first sees the data as they are, each of the others a view of its own.
struct ModelSeries: Sendable {
  let count: Int
  let options: any PretrainableModel
  let training: TrainingOptions
  /// The first model, which is ready.
  let first: PreparedTraining
  let memory: TrainingMemory
  let stage: Stage

  /// What `count` models of data of this size make of the memory: as many are trained at the same time as keep a gigabyte together at most.
  static func memory(
    for extent: DataExtent, _ count: Int, _ training: TrainingExtent, within limit: Int,
    isRead: Bool
  ) -> TrainingMemory {
    let bytes = hopProductBytes(
      cells: extent.cells, genes: extent.genes, hops: training.hops ?? 0)
    var training = training
    training.models = max(1, min(count, Threads.count, (1 << 30) / max(1, bytes)))
    return TrainingMemory(extent, training, within: limit, isRead: isRead)
  }

  /// Trains all, side by side where their memory allows; in the order of their numbers.
  func trained(on cells: CellData) throws -> [TrainedModel] {
    try sideBySide(count, width: memory.models) { number in
      let prepared = try prepared(number, on: cells)
      return try finish(number, prepared.train(.none) { announce($0, number) })
    }
  }

  /// Trains one after the other, but those that an earlier run has trained.
  func trained(on cells: CellData, with checkpoints: Checkpoints) throws -> [TrainedModel] {
    try (0..<count).map { number in
      let part = "model_\(number)"
      if let state = checkpoints.finished(part) {
        return try checkpoints.reading { try TrainedModel(state, cellCount: cells.cellCount) }
      }
      let prepared = try prepared(number, on: cells)
      let trained = try finish(
        number,
        checkpoints.training {
          try prepared.train($0) { announce($0, number) }
        })
      try checkpoints.finish(part, trained.state)
      return trained
    }
  }

  private func prepared(_ number: Int, on cells: CellData) throws -> PreparedTraining {
    if number == 0 { return first }
    let view = try cells.view(number, seed: stage.seed &+ UInt64(number))
    stage.log.detail("model \(number + 1) of \(count): \(view.geneCount) genes")
    return try options.prepared(
      for: view, training, number: number, productBytes: memory.productBytes, stage)
  }

  private func announce(_ epoch: EpochReport, _ number: Int) {
    stage.announce(epoch, training.phase(number), model: number, of: count)
  }

  /// Tells of a trained model; the weights of those after the first are not kept.
  private func finish(_ number: Int, _ trained: TrainedModel) -> TrainedModel {
    var result = trained
    if number > 0 {
      stage.log.detail("model \(number + 1) of \(count): \(trained.curve.last?.summary ?? "")")
      result.weights = [:]
    }
    return result
  }
}
