import ArgumentParser
import Models
import StageSupport

extension StartMethod: ExpressibleByArgument {}
extension KeptState: ExpressibleByArgument {}

/// The settings of clustering with a model. What is not given comes from the preset.
struct ModelOptions: ParsableArguments {
  @Option(
    help:
      "default: batches of cells, guarded against training that makes the clusters worse. paper: the published schedule."
  )
  var preset: Preset = .default

  @Option(
    help: ArgumentHelp(
      "ε: how much likelier a cell's cluster must be than the next for the filter to trust it.",
      valueName: "margin"))
  var confidence = 0.8

  @Option(
    help: ArgumentHelp(
      "k: neighbors of the latent graph in which the filter looks for components.", valueName: "n"))
  var latentNeighbors = 4

  @Option(
    help: ArgumentHelp(
      "ζ: the share of a cell's 60 nearest that must be in its cluster.", valueName: "share"))
  var outlierShare = 0.5

  @Option(help: ArgumentHelp("γ: the weight of the clustering loss.", valueName: "weight"))
  var gamma = 1.5

  @Option(help: ArgumentHelp("Epochs at most. (default: 32; paper: 200)", valueName: "n"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp(
      "Epochs at least; after them training ends when 80 % of the cells are reliable.",
      valueName: "n"))
  var minEpochs = 8

  @Option(
    help: ArgumentHelp(
      "Epochs between two runs of the filter. (default: 4; paper: 8)", valueName: "n"))
  var updateInterval: Int?

  @Option(help: ArgumentHelp("The step size of Adam.", valueName: "rate"))
  var learningRate = 5e-4

  @Option(
    help: ArgumentHelp(
      "Cells in a step; 0: all. (default: 256, or all where the model needs the whole graph in a step; paper: 0)",
      valueName: "n"))
  var batchSize: Int?

  @Option(
    help:
      "The first partition: spectral (of the graph, the paper's), kmeans (on X_latent), or auto: the one of higher modularity on the graph. (default: auto; paper: spectral)"
  )
  var start: StartMethod?

  @Option(
    help:
      "Which state gives the clusters: best (the highest modularity on the graph, the start included) or last. (default: best; paper: last)"
  )
  var keep: KeptState?

  @Option(
    help: ArgumentHelp(
      "With --keep best: runs of the filter without a better state after which training ends.",
      valueName: "n"))
  var patience = 3

  @Flag(help: "Keep the cluster centers where they start.")
  var freezeCenters = false

  mutating func validate() throws {
    func require(_ holds: Bool, _ option: String, _ range: String) throws {
      if !holds { throw ValidationError("--\(option): must be \(range).") }
    }
    try require((0..<1).contains(confidence), "confidence", "from 0 to below 1")
    try require(latentNeighbors >= 1, "latent-neighbors", "1 or more")
    try require((0...1).contains(outlierShare), "outlier-share", "from 0 to 1")
    try require(gamma >= 0 && gamma.isFinite, "gamma", "0 or more")
    try require((epochs ?? 1) >= 1, "epochs", "1 or more")
    try require(minEpochs >= 0, "min-epochs", "0 or more")
    try require((updateInterval ?? 1) >= 1, "update-interval", "1 or more")
    try require((batchSize ?? 0) >= 0, "batch-size", "0 or more")
    try require(patience >= 1, "patience", "1 or more")
    try require(learningRate > 0 && learningRate.isFinite, "learning-rate", "above 0")
  }

  private var isPaper: Bool { preset == .paper }

  /// How the first partition is found.
  var chosenStart: StartMethod { start ?? (isPaper ? .spectral : .auto) }

  /// All settings with the preset's in the place of those not given.
  ///
  /// - Parameter isLocal: whether the model can learn from some cells without computing all.
  func schedule(seed: UInt64, isLocal: Bool) -> ClusteringSchedule {
    var schedule = ClusteringSchedule()
    schedule.filter = ReliabilityFilter(
      margin: confidence, neighbors: latentNeighbors, outlierShare: outlierShare)
    schedule.learningRate = learningRate
    let size = batchSize ?? (isPaper || !isLocal ? 0 : 256)
    schedule.batches.size = size == 0 ? nil : size
    schedule.batches.seed = seed
    schedule.gamma = gamma
    schedule.epochs = epochs ?? (isPaper ? 200 : 32)
    schedule.minimumEpochs = minEpochs
    schedule.updateInterval = updateInterval ?? (isPaper ? 8 : 4)
    schedule.freezesCenters = freezeCenters
    schedule.keeps = keep ?? (isPaper ? .last : .best)
    schedule.patience = patience
    return schedule
  }
}

extension ClusteringSchedule {
  /// What the provenance notes.
  var settings: [(String, JSONValue)] {
    [
      ("confidence", .number(filter.margin)), ("latent_neighbors", .integer(filter.neighbors)),
      ("outlier_share", .number(filter.outlierShare)), ("gamma", .number(gamma)),
      ("epochs", .integer(epochs)), ("min_epochs", .integer(minimumEpochs)),
      ("update_interval", .integer(updateInterval)), ("learning_rate", .number(learningRate)),
      ("batch_size", .integer(batches.size ?? 0)), ("freeze_centers", .boolean(freezesCenters)),
      ("keep", .string(keeps.rawValue)), ("patience", .integer(patience)),
    ]
  }
}
