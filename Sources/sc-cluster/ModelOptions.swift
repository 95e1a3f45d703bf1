import ArgumentParser
import CellData
import ModelStages
import Models
import StageSupport
import Tensors

extension StartMethod: ExpressibleByArgument {}
extension KeptState: ExpressibleByArgument {}

/// The settings of clustering with any model, and the groups of those that only one has. What is not given comes from the preset.
struct ModelOptions: DeclaredOptions {
  @Option(
    help:
      "default: batches of cells, guarded against training that makes the clusters worse. paper: the published schedule."
  )
  var preset: Preset = .default

  @Option(
    help: ArgumentHelp(
      "γ: the weight of the clustering loss. (default: sctpf 1.5, scemc 0.1)", valueName: "weight"))
  var gamma: Double?

  @Option(
    help: ArgumentHelp(
      "Epochs at most. (default: sctpf 32, scemc 30; paper: 200, 500)", valueName: "n"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp(
      "The step size: sctpf Adam's, scemc Adadelta's. (default: sctpf 5e-4, scemc 1)",
      valueName: "rate"))
  var learningRate: Double?

  @Option(
    help: ArgumentHelp(
      "Cells in a step; 0: all. (default: 256, or all where the model needs the whole graph in a step; paper: 0)",
      valueName: "n"))
  var batchSize: Int?

  @Option(
    help:
      "The first partition: consensus (of k-means on the codes of all models), spectral (of the graph, the paper's), kmeans (on X_latent), or auto: consensus where sc-pretrain has trained several models, else of the other two the one of higher modularity on the graph; of scemc always consensus. (default: auto; paper: sctpf spectral, scemc kmeans)"
  )
  var start: StartMethod?

  @Option(
    help:
      "Which state gives the clusters: best (the start included; judged by agreement with the models' partitions, or, of one model, by modularity on the graph) or last. (default: best; paper: last)"
  )
  var keep: KeptState?

  @Option(
    help: ArgumentHelp(
      "With --keep best: runs of the filter (sctpf) or epochs (scemc) without a better state after which training ends. (default: 3; sctpf 1 where sc-pretrain has trained several models)",
      valueName: "n"))
  var patience: Int?

  @Flag(help: "Keep the cluster centers where they start.")
  var freezeCenters = false

  @OptionGroup(title: "OPTIONS OF SCTPF") var sctpf: ScTPFOptions
  @OptionGroup(title: "OPTIONS OF SCEMC") var scemc: ScEMCOptions

  static let declarations: [OptionDeclaration] = [
    .option("preset", for: .training),
    .option("gamma", .reals(0...1e6), for: .training, .clusteringLoss),
    .option("epochs", .integers(1...1_000_000), for: .training, .clusteringLoss),
    .option("learning-rate", .positiveReals(through: 1e6), for: .training, .clusteringLoss),
    .option("batch-size", .integers(0...1_000_000_000), for: .training, .clusteringLoss),
    .option("start", for: .training),
    .option("keep", for: .training, .clusteringLoss),
    .option(
      "patience", .integers(1...1_000_000), for: .training, .clusteringLoss, .keepingBest),
    .option("freeze-centers", for: .training, .clusteringLoss),
  ]

  /// What these options tell of a run of a method; `stored` is the model that scEMC goes on with, once it is known.
  func facts(for method: ClusteringMethod, stored: ScEMC<Float>.Configuration? = nil) -> Facts {
    var facts = ["the method": method.rawValue, "the kept state": keptState.rawValue]
    guard method == .scemc else { return facts }
    let missing = "not part of the stored model"
    if let stored {
      facts["the clustering loss of the model"] = stored.clusters ? on : missing
      facts["the clustering loss"] = stored.clusters ? on : missing
      facts["the reconstruction"] = stored.reconstructs ? on : missing
      facts["the second modality"] = stored.features == nil ? missing : on
    }
    if scemc.noClusterLoss {
      facts["the clustering loss"] = "switched off (--no-cluster-loss)"
    } else if scemc.lambdaCluster == 0 {
      facts["the clustering loss"] = "of weight 0 (--lambda-cluster 0)"
    }
    return facts
  }

  /// Throws a `ValidationError` where the batches do not go with the method.
  func validate(for method: ClusteringMethod) throws {
    if method == .sctpf { try sctpf.validate(epochs: epochs ?? (isPaper ? 200 : 32)) }
    if method == .scemc && batchSize == 0 {
      throw ValidationError(
        "--batch-size 0: cells of scemc inform all others of their batch; give a number.")
    }
  }

  private var keptState: KeptState { keep ?? (isPaper ? .last : .best) }

  var isPaper: Bool { preset == .paper }

  /// Whether every step takes all cells, unless the model must have them.
  var takesAllCells: Bool { (batchSize ?? (isPaper ? 0 : 256)) == 0 }

  /// What the training of a method makes of the memory.
  func memory(for cells: CellData, by method: ClusteringMethod, _ stage: Stage) -> TrainingMemory {
    TrainingMemory(cells.extent, extent(of: method), within: stage.memoryLimit, isRead: true)
  }

  /// Beside the state that learns, the last and the best are kept, and with --keep-course all.
  func extent(of method: ClusteringMethod) -> TrainingExtent {
    let isPaired = method == .scemc
    var extent = TrainingExtent(
      hops: takesAllCells && !isPaired ? nil : 3, batch: batchSize ?? 256)
    (extent.isPaired, extent.areWhole, extent.copies) = (isPaired, true, isPaired ? 5 : 3)
    extent.start = 3600
    if sctpf.grid {
      extent.models = max(1, Threads.count)
      extent.copies += 1.5
    }
    if sctpf.keepCourse {
      let states = 1 + (epochs ?? (isPaper ? 200 : 32)) / updateInterval
      extent.copies += 1.8 * Double(states)
    }
    return extent
  }

  private var updateInterval: Int { sctpf.updateInterval ?? (isPaper ? 8 : 4) }

  /// How the first partition is found.
  var chosenStart: StartMethod { start ?? (isPaper ? .spectral : .auto) }

  /// The same for scEMC, whose paper begins with k-means.
  var scEMCStart: StartMethod { start ?? (isPaper ? .kmeans : .auto) }

  /// All settings with the preset's in the place of those not given.
  ///
  /// - Parameters:
  ///   - isLocal: whether the model can learn from some cells without computing all.
  ///   - hasEnsemble: whether the start is what several models agree on, which training can seldom better.
  func schedule(seed: UInt64, isLocal: Bool, hasEnsemble: Bool) -> ClusteringSchedule {
    var schedule = ClusteringSchedule()
    schedule.filter = ReliabilityFilter(
      margin: sctpf.confidence ?? ReliabilityFilter.paperMargin,
      neighbors: sctpf.latentNeighbors ?? 4, outlierShare: sctpf.outlierShare ?? 0.5,
      capsVoters: !isPaper)
    schedule.calibration.setsMargin = sctpf.confidence == nil && !isPaper
    schedule.calibration.setsNeighbors = sctpf.latentNeighbors == nil && !isPaper
    schedule.learningRate = learningRate ?? 5e-4
    let size = batchSize ?? (isPaper || !isLocal ? 0 : 256)
    schedule.batches.size = size == 0 ? nil : size
    schedule.batches.seed = seed
    schedule.gamma = gamma ?? 1.5
    schedule.epochs = epochs ?? (isPaper ? 200 : 32)
    schedule.minimumEpochs = sctpf.minEpochs ?? (isPaper ? 8 : 4)
    schedule.updateInterval = updateInterval
    schedule.encodesOver = sctpf.encodeOver ?? .input
    schedule.freezesCenters = freezeCenters
    schedule.keeps = keptState
    schedule.patience = patience ?? (hasEnsemble ? 1 : 3)
    schedule.keepsCourse = sctpf.keepCourse
    return schedule
  }
}

extension ClusteringSchedule {
  /// What the provenance notes, but for what the data set.
  var settings: [(String, JSONValue)] {
    [
      ("confidence", calibration.setsMargin ? .string("auto") : .number(filter.margin)),
      (
        "latent_neighbors",
        calibration.setsNeighbors ? .string("auto") : .integer(filter.neighbors)
      ),
      ("outlier_share", .number(filter.outlierShare)), ("gamma", .number(gamma)),
      ("epochs", .integer(epochs)), ("min_epochs", .integer(minimumEpochs)),
      ("update_interval", .integer(updateInterval)), ("learning_rate", .number(learningRate)),
      ("encode_over", .string(encodesOver.rawValue)), ("batch_size", .integer(batches.size ?? 0)),
      ("freeze_centers", .boolean(freezesCenters)),
      ("keep", .string(keeps.rawValue)), ("patience", .integer(patience)),
    ] + (keepsCourse ? [("keep_course", .boolean(true))] : [])
  }
}

/// The fact that something is as it is by default.
private let on = "on"

extension Requirement {
  static let sctpf = Requirement("the method", "the method sctpf") { $0 == "sctpf" }
  static let scemc = Requirement("the method", "the method scemc") { $0 == "scemc" }
  /// Without it scEMC trains nothing, and the first partition is the result.
  static let clusteringLoss = Requirement("the clustering loss", "runs with a clustering loss") {
    $0 == on
  }
  static let model = Requirement(
    "the clustering loss of the model", "models with a clustering loss"
  ) { $0 == on }
  static let reconstruction = Requirement("the reconstruction", "models that reconstruct counts") {
    $0 == on
  }
  static let secondModality = Requirement(
    "the second modality", "models of two modalities"
  ) { $0 == on }
  static let keepingBest = Requirement("the kept state", "runs that keep the best state") {
    $0 == KeptState.best.rawValue
  }
}
