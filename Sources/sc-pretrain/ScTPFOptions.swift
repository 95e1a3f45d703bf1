import ArgumentParser
import CellData
import ModelStages
import Models
import StageSupport
import Tensors

extension LearningRateDecay: ExpressibleByArgument {}
extension StructureLoss: ExpressibleByArgument {}

/// How scTPF is trained before it clusters.
struct ScTPFOptions: DeclaredOptions, PretrainableModel {
  @Option(help: "How the step size falls: none or cosine. (default: cosine; paper: none)")
  var decay: LearningRateDecay?

  @Option(
    help: ArgumentHelp(
      "Epochs without a lower loss after which training ends; 0: never. (default: 5; paper: 0)",
      valueName: "n"))
  var patience: Int?

  @Option(
    help: ArgumentHelp(
      "A loss is lower if it is by this share. (default: 1e-4)", valueName: "share")
  )
  var tolerance: Double?

  @Option(
    help: ArgumentHelp(
      "The highest power of the graph in the encoder's second layer; with 0 a step on some cells needs no others. (default: 0; paper: 3)",
      valueName: "n"))
  var latentHops: Int?

  @Option(
    help:
      "The pairs of cells whose edges a step on all cells compares: exact (all), sampled, or auto: exact up to 20,000 cells. A step on some cells compares their own. (default: auto)"
  )
  var structure: StructureLoss?

  static let declarations: [OptionDeclaration] = [
    .option("decay", for: .sctpf), .option("patience", .integers(0...1_000_000), for: .sctpf),
    .option(
      "tolerance", .belowOne, for: .sctpf,
      Requirement("the patience", "runs that may end early (--patience above 0)") { $0 != "0" }),
    .option("latent-hops", .integers(0...16), for: .sctpf),
    .option(
      "structure", for: .sctpf,
      Requirement("the batch size", "steps on all cells (--batch-size 0)") { $0 == "0" }),
  ]

  func facts(_ training: TrainingOptions) -> Facts {
    [
      "the patience": "\(givenOrPresetPatience(training))",
      "the batch size": "\(batchSize(training))",
    ]
  }

  private func givenOrPresetPatience(_ training: TrainingOptions) -> Int {
    patience ?? (training.isPaper ? 0 : 5)
  }

  var usualModelCount: Int { 6 }

  /// Of the models after the first, of which only the codes are kept: they are as good behind a decoder with an eighth of the work.
  private static let furtherDecoder = [64]

  func validate(with training: TrainingOptions) throws {}

  func extent(_ training: TrainingOptions) -> TrainingExtent {
    let takesAll = batchSize(training) == 0 || (latentHops ?? 0) > 0
    return TrainingExtent(
      hops: takesAll ? nil : training.hops ?? 3, batch: batchSize(training))
  }

  private func batchSize(_ training: TrainingOptions) -> Int {
    training.batchSize ?? (training.isPaper ? 0 : 256)
  }

  /// As many as make some 400 steps: what small data lack in steps an epoch, they get in epochs.
  private func epochs(of batchSize: Int, _ cellCount: Int) -> Int {
    let steps = batchSize == 0 ? 1 : max(1, tileCount(cellCount, of: batchSize))
    return min(100, max(10, 400 / steps))
  }

  /// All settings with the preset's in the place of those not given.
  private func schedule(_ training: TrainingOptions, cellCount: Int, seed: UInt64)
    -> TrainingSchedule
  {
    let (isPaper, size) = (training.isPaper, batchSize(training))
    var batches = BatchPlan(size: size == 0 ? nil : size)
    batches.structure = structure ?? .auto
    batches.seed = seed
    var schedule = TrainingSchedule(
      epochs: training.epochs ?? (isPaper ? 300 : epochs(of: size, cellCount)),
      learningRate: training.learningRate ?? (isPaper ? 5e-4 : 1e-3), batches: batches)
    schedule.decay = decay ?? (isPaper ? .none : .cosine)
    let patience = givenOrPresetPatience(training)
    schedule.patience = patience == 0 ? nil : patience
    schedule.tolerance = tolerance ?? 1e-4
    return schedule
  }

  func prepared(
    for cells: CellData, _ training: TrainingOptions, number: Int, productBytes: Int,
    _ stage: Stage
  ) throws -> PreparedTraining {
    let seed = stage.seed &+ UInt64(number)
    let input = try ModelInput(cells)
    var schedule = schedule(training, cellCount: cells.cellCount, seed: seed)
    schedule.batches.productBytes = productBytes
    let (settings, pace) = (schedule.settings, schedule)
    var configuration = ScTPF<Float>.Configuration(genes: input.data.geneCount)
    configuration.hops = training.hops ?? 3
    configuration.latentHops = latentHops ?? (training.isPaper ? 3 : 0)
    if number > 0 { configuration.decoder = Self.furtherDecoder }
    let (shape, isPaper) = (configuration, training.isPaper)
    let hops: [(String, JSONValue)] = [
      ("hops", .integer(shape.hops)), ("latent_hops", .integer(shape.latentHops)),
    ]
    return PreparedTraining(settings: settings + hops) {
      resumption, report in
      let network = ScTPF<Float>(shape)
      let batches = Batches(
        input.data, over: input.graph, reach: network.reachOfInput, plan: pace.batches)
      let curve = try stage.pretrain(
        network, on: batches, input.data, schedule: pace, isPaper: isPaper, seed: seed,
        resumption: resumption, report: report)
      return TrainedModel(
        weights: network.weights, codes: batches.codes(of: network), curve: curve)
    }
  }
}

extension TrainingSchedule {
  /// What the provenance notes.
  fileprivate var settings: [(String, JSONValue)] {
    [
      ("epochs", .integer(epochs)), ("learning_rate", .number(learningRate)),
      ("batch_size", .integer(batches.size ?? 0)),
      ("decay", .string(decay.rawValue)), ("patience", .integer(patience ?? 0)),
      ("tolerance", .number(tolerance)), ("structure", .string(batches.structure.rawValue)),
    ]
  }
}
