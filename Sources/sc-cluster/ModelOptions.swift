import ArgumentParser
import Models
import StageSupport

extension StartMethod: ExpressibleByArgument {}
extension KeptState: ExpressibleByArgument {}

/// The settings of clustering with a model; the defaults are the paper's where it gives one.
struct ModelOptions: ParsableArguments {
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

  @Option(help: ArgumentHelp("Epochs at most.", valueName: "n"))
  var epochs = 200

  @Option(
    help: ArgumentHelp(
      "Epochs at least; after them training ends when 80 % of the cells are reliable.",
      valueName: "n"))
  var minEpochs = 8

  @Option(help: ArgumentHelp("Epochs between two runs of the filter.", valueName: "n"))
  var updateInterval = 8

  @Option(help: ArgumentHelp("The step size of Adam.", valueName: "rate"))
  var learningRate = 5e-4

  @Option(
    help:
      "The first partition: spectral (of the graph, the paper's), kmeans (on X_latent), or auto: the one of higher modularity on the graph."
  )
  var start: StartMethod = .auto

  @Option(
    help:
      "Which state gives the clusters: best (the highest modularity on the graph, the start included) or last (the paper's)."
  )
  var keep: KeptState = .best

  @Option(
    help: ArgumentHelp(
      "With --keep best: runs of the filter without a better state after which training ends.",
      valueName: "n"))
  var patience = 6

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
    try require(epochs >= 1, "epochs", "1 or more")
    try require(minEpochs >= 0, "min-epochs", "0 or more")
    try require(updateInterval >= 1, "update-interval", "1 or more")
    try require(patience >= 1, "patience", "1 or more")
    try require(learningRate > 0 && learningRate.isFinite, "learning-rate", "above 0")
  }

  var schedule: ClusteringSchedule {
    var schedule = ClusteringSchedule()
    schedule.filter = ReliabilityFilter(
      margin: confidence, neighbors: latentNeighbors, outlierShare: outlierShare)
    schedule.learningRate = learningRate
    schedule.gamma = gamma
    schedule.epochs = epochs
    schedule.minimumEpochs = minEpochs
    schedule.updateInterval = updateInterval
    schedule.freezesCenters = freezeCenters
    schedule.keeps = keep
    schedule.patience = patience
    return schedule
  }

  /// What the provenance notes.
  var settings: [(String, JSONValue)] {
    [
      ("confidence", .number(confidence)), ("latent_neighbors", .integer(latentNeighbors)),
      ("outlier_share", .number(outlierShare)), ("gamma", .number(gamma)),
      ("epochs", .integer(epochs)), ("min_epochs", .integer(minEpochs)),
      ("update_interval", .integer(updateInterval)), ("learning_rate", .number(learningRate)),
      ("freeze_centers", .boolean(freezeCenters)), ("start", .string(start.rawValue)),
      ("keep", .string(keep.rawValue)), ("patience", .integer(patience)),
    ]
  }
}
