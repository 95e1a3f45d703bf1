import ArgumentParser
import Models
import StageSupport

/// A set of defaults.
enum Preset: String, CaseIterable, ExpressibleByArgument {
  case `default`, paper
}

extension LearningRateDecay: ExpressibleByArgument {}
extension StructureLoss: ExpressibleByArgument {}

/// How a model is trained before it clusters. What is not given comes from the preset.
struct TrainingOptions: ParsableArguments {
  @Option(
    help:
      "default: batches of cells, few epochs. paper: the published schedule, all cells in every step and 300 epochs."
  )
  var preset: Preset = .default

  @Option(
    help: ArgumentHelp(
      "Passes over all cells, at most. (default: 60; paper: 300)", valueName: "n"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp("The step size of Adam. (default: 1e-3; paper: 5e-4)", valueName: "rate"))
  var learningRate: Double?

  @Option(
    help: ArgumentHelp(
      "Cells in a step; 0: all. (default: 256; paper: 0)", valueName: "n"))
  var batchSize: Int?

  @Option(help: "How the step size falls: none or cosine. (default: cosine; paper: none)")
  var decay: LearningRateDecay?

  @Option(
    help: ArgumentHelp(
      "Epochs without a lower loss after which training ends; 0: never. (default: 5; paper: 0)",
      valueName: "n"))
  var patience: Int?

  @Option(
    help: ArgumentHelp("A loss is lower if it is by this share.", valueName: "share"))
  var tolerance = 1e-4

  @Option(
    help: ArgumentHelp(
      "The highest power of the graph in the encoder's first layer.", valueName: "n"))
  var hops = 3

  @Option(
    help: ArgumentHelp(
      "The same in its second; with 0 a step on some cells needs no others. (default: 0; paper: 3)",
      valueName: "n"))
  var latentHops: Int?

  @Option(
    help:
      "The pairs of cells whose edges a step on all cells compares: exact (all), sampled, or auto: exact up to 20,000 cells. A step on some cells compares their own."
  )
  var structure: StructureLoss = .auto

  mutating func validate() throws {
    func require(_ holds: Bool, _ option: String, _ range: String) throws {
      if !holds { throw ValidationError("--\(option): must be \(range).") }
    }
    try require((epochs ?? 1) >= 1, "epochs", "1 or more")
    try require((batchSize ?? 0) >= 0, "batch-size", "0 or more")
    try require((patience ?? 0) >= 0, "patience", "0 or more")
    try require((0..<1).contains(tolerance), "tolerance", "from 0 to below 1")
    try require((0...16).contains(hops), "hops", "from 0 to 16")
    try require((0...16).contains(latentHops ?? 0), "latent-hops", "from 0 to 16")
    try require(
      (learningRate ?? 1) > 0 && (learningRate ?? 1).isFinite, "learning-rate", "above 0")
    if structure == .exact && resolvedBatchSize > 0 {
      throw ValidationError(
        "--structure exact compares all pairs of cells: give --batch-size 0 too.")
    }
  }

  private var isPaper: Bool { preset == .paper }
  private var resolvedBatchSize: Int { batchSize ?? (isPaper ? 0 : 256) }

  /// All settings with the preset's in the place of those not given.
  func plan(seed: UInt64) -> TrainingPlan {
    var batches = BatchPlan(size: resolvedBatchSize == 0 ? nil : resolvedBatchSize)
    batches.structure = structure
    batches.seed = seed
    var schedule = TrainingSchedule(
      epochs: epochs ?? (isPaper ? 300 : 60),
      learningRate: learningRate ?? (isPaper ? 5e-4 : 1e-3), batches: batches)
    schedule.decay = decay ?? (isPaper ? .none : .cosine)
    let patience = patience ?? (isPaper ? 0 : 5)
    schedule.patience = patience == 0 ? nil : patience
    schedule.tolerance = tolerance
    return TrainingPlan(
      schedule: schedule, hops: hops, latentHops: latentHops ?? (isPaper ? 3 : 0))
  }
}

/// The settings of a training, none left open.
struct TrainingPlan {
  let schedule: TrainingSchedule
  let hops: Int
  let latentHops: Int

  /// What the provenance notes.
  var settings: [(String, JSONValue)] {
    [
      ("epochs", .integer(schedule.epochs)), ("learning_rate", .number(schedule.learningRate)),
      ("batch_size", .integer(schedule.batches.size ?? 0)),
      ("decay", .string(schedule.decay.rawValue)), ("patience", .integer(schedule.patience ?? 0)),
      ("tolerance", .number(schedule.tolerance)), ("hops", .integer(hops)),
      ("latent_hops", .integer(latentHops)),
      ("structure", .string(schedule.batches.structure.rawValue)),
    ]
  }
}
