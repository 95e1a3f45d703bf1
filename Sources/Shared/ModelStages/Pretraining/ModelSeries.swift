import CellData
import Models
import NeuralNetworks
import StageSupport
import Tensors
import Training

/// The models of a run: the first sees the data as they are, each of the others a view of its own.
package struct ModelSeries: Sendable {
  private let recipe: any PretrainingRecipe
  private let memory: TrainingMemory
  private let stage: Stage
  /// The first model, which is prepared.
  package let first: PreparedTraining
  /// What an epoch of each model costs: it takes time as the model has weights.
  private let costs: [Double]

  /// Prepares the first model of the cells.
  ///
  /// - Parameter isInterruptible: whether the models are trained one after the other, for
  ///   checkpoints.
  package init(
    _ recipe: any PretrainingRecipe, of cells: CellData, isInterruptible: Bool, _ stage: Stage
  ) throws {
    self.recipe = recipe
    self.stage = stage
    memory = Self.memory(
      of: recipe, cells.extent, batchesOf: cells, isInterruptible: isInterruptible,
      within: stage.memoryLimit, isRead: true)
    // How many batches there are only the cells show.
    if cells.seesBatches(of: recipe.modelName) { try stage.require(memory.estimate) }
    first = try recipe.prepared(
      for: cells, number: 0, seed: Self.seed(0, stage), productBytes: memory.productBytes)
    costs = (0..<recipe.models).map { [first] in Double(first.parameterCount(min($0, 1))) }
  }

  /// How the models of data of this size use the memory. As many are trained at the same time as
  /// hold a gigabyte of hop products together.
  package static func memory(
    of recipe: any PretrainingRecipe, _ extent: DataExtent, sketch: SketchSize = .none,
    batchesOf cells: CellData? = nil, isInterruptible: Bool, within limit: Int, isRead: Bool
  ) -> TrainingMemory {
    var training = recipe.extent
    training.learners = sketch.learners(of: extent.cells)
    if let cells { training.seeBatches(of: recipe.modelName, in: cells) }
    let bytes = hopProductBytes(
      cells: training.learners ?? extent.cells, genes: extent.genes, hops: training.hops ?? 0)
    training.models =
      isInterruptible
      ? 1 : max(1, min(recipe.models, Threads.count, (1 << 30) / max(1, bytes)))
    return TrainingMemory(extent, training, within: limit, isRead: isRead)
  }

  /// Stores weights and losses of the first model and the codes of all; codes the cells that these
  /// did not learn from. Returns the columns that it writes.
  package func store(
    _ models: [TrainedModel], of name: String, learners: Learners, in cells: inout CellData
  ) throws -> OwnColumns {
    let all = learners.rows == nil ? nil : try first.code(models[0].weights, cells)
    if let kind = ModelName(rawValue: name) { cells.bringForward(kind) }
    first.annotate(&cells)
    cells.store(models[0].weights, of: name)
    cells.store(models[0].curve, of: name, phase: "pretrain")
    learners.store(models.map(\.codes), ofAll: all, in: &cells)
    return learners.mark(in: &cells)
  }

  /// Trains all, side by side where their memory allows; in the order of their numbers.
  package func trained(on cells: CellData) throws -> [TrainedModel] {
    try sideBySide(recipe.models, width: memory.models) { number in
      let prepared = try prepared(number, on: cells)
      return finish(number, try prepared.train(.none, announce) { announce($0, number) })
    }
  }

  /// Trains one after the other, but those that an earlier run has trained.
  package func trained(on cells: CellData, with checkpoints: Checkpoints) throws
    -> [TrainedModel]
  {
    try (0..<recipe.models).map { try trained($0, on: cells, with: checkpoints) }
  }

  /// Trains the model of this number alone, unless an earlier run has.
  package func trained(_ number: Int, on cells: CellData, with checkpoints: Checkpoints) throws
    -> TrainedModel
  {
    let part = ModelMembers.part(number)
    if let state = checkpoints.finished(part) {
      stage.progress.finish(part: number)
      return try checkpoints.reading { try TrainedModel(state, cellCount: cells.cellCount) }
    }
    let prepared = try prepared(number, on: cells)
    let trained = finish(
      number,
      try checkpoints.training { try prepared.train($0, announce) { announce($0, number) } })
    try checkpoints.finish(part, trained.state)
    return trained
  }

  private static func seed(_ number: Int, _ stage: Stage) -> UInt64 {
    stage.seed.stream(.model, number)
  }

  private func prepared(_ number: Int, on cells: CellData) throws -> PreparedTraining {
    if number == 0 { return first }
    let seed = Self.seed(number, stage)
    let view = try cells.view(number, seed: seed)
    stage.log.detail("model \(number + 1) of \(recipe.models): \(view.geneCount) genes")
    return try recipe.prepared(
      for: view, number: number, seed: seed, productBytes: memory.productBytes)
  }

  private func announce(_ epoch: EpochReport, _ number: Int) {
    let phase = number == 0 ? "pretrain" : "pretrain model \(number + 1)"
    stage.announce(epoch, phase, model: number, costs: costs)
  }

  private func announce(_ restart: TrainingRestart) {
    let (loss, known) = (fourDecimals(restart.loss), fourDecimals(restart.geneMeans))
    let reason =
      switch restart.reason {
      case .explosion:
        "the first epoch ended with a count loss of \(loss), where gene means alone give \(known)"
      case .plateau:
        "training ended with a count loss of \(loss), no better than gene means alone (\(known))"
      }
    stage.log.warning("\(reason); training restarts with --learning-rate \(restart.learningRate)")
  }

  /// Reports the first model: epochs, losses, and how much of the deviance that gene means leave it
  /// explains; warns where that is little.
  package func announce(_ trained: TrainedModel, of cells: CellData, model: String) {
    guard let last = trained.curve.last else { return }
    var explained = ""
    if let loss = last.countLoss, let bounds = first.bounds {
      let percent = percentExplained(bounds.explainedShare(at: loss), of: nil)
      explained = "; \(percent) of the deviance explained"
    }
    for fit in first.fits {
      // In rounds not every epoch has every part.
      let losses = trained.curve.compactMap { $0.parts.first { $0.name == fit.part }?.value }
      guard let loss = losses.last else { continue }
      let percent = percentExplained(fit.bounds.explainedShare(at: loss), of: fit.name)
      explained += "; \(percent) of the deviance of \(fit.name) explained"
    }
    stage.log.note(
      "\(model): \(counted(trained.curve.count, "epoch")) on \(cells.cellCount) cells × \(cells.geneCount) genes; \(last.summary)\(explained)"
    )
  }

  /// `12.3 %`; warns where that is little.
  private func percentExplained(_ share: Double, of part: String?) -> String {
    let percent = "\((share * 1000).rounded() / 10) %"
    if share < Self.leastExplained {
      let deviance =
        part.map { "the deviance of \($0) that its features' means leave" }
        ?? "the deviance that gene means leave"
      let worse = share < 0 ? ", which is worse than the means" : ""
      stage.log.warning(
        "the model explains \(percent) of \(deviance)\(worse); its codes may mean nothing: give more --epochs, or another --learning-rate"
      )
    }
    return percent
  }

  /// A model that explains less has learned next to nothing.
  private static let leastExplained = 0.02

  /// Reports a trained model; the weights of those after the first are not kept.
  private func finish(_ number: Int, _ trained: TrainedModel) -> TrainedModel {
    stage.progress.finish(part: number)
    var result = trained
    if number > 0 {
      let loss = trained.curve.last?.summary ?? ""
      stage.log.detail("model \(number + 1) of \(recipe.models): \(loss)")
      result.weights = [:]
    }
    return result
  }
}
