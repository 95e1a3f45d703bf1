import ArgumentParser
import CellData
import ModelStages
import Models
import StageSupport
import Tensors
import Training

extension StartMethod: ExpressibleByArgument {}
extension KeptState: ExpressibleByArgument {}

/// What --preset of sc-cluster takes: `default`, `paper`, `paper:SET`, `released`.
struct ClusteringPreset: ExpressibleByArgument, CustomStringConvertible {
  let base: Preset
  /// A data set of scTPF's paper.
  let paperSet: PaperSet?

  init(base: Preset, paperSet: PaperSet? = nil) { (self.base, self.paperSet) = (base, paperSet) }

  init?(argument: String) {
    if let base = Preset(rawValue: argument) {
      self.init(base: base)
    } else if argument.hasPrefix("paper:"),
      let paperSet = PaperSet(rawValue: String(argument.dropFirst(6)))
    {
      self.init(base: .paper, paperSet: paperSet)
    } else {
      return nil
    }
  }

  static var allValueStrings: [String] {
    Preset.allCases.map(\.rawValue) + PaperSet.allCases.map { "paper:\($0.rawValue)" }
  }

  var description: String { paperSet.map { "paper:\($0.rawValue)" } ?? base.rawValue }
  var defaultValueDescription: String { description }
}

/// The settings of clustering with any model, and the groups of those that only one has. What is not given comes from the preset.
struct ModelOptions: DeclaredOptions {
  @Option(
    help:
      "default: batches of cells, guarded against training that makes the clusters worse. paper: the published method; of sctpf paper:SET with the ε and k of one of its data sets. released: the authors' program."
  )
  var preset = ClusteringPreset(base: .default)

  @Option(
    help: ArgumentHelp(
      "γ: the weight of the clustering loss. (default: sctpf 1.5, scemc 0.1; paper: 1.5, 1)",
      valueName: "weight"))
  var gamma: Double?

  @Option(
    help: ArgumentHelp(
      "Epochs at most. (default: sctpf 32, scemc 30; paper: 200, 5000; released: 200, 500)",
      valueName: "n"))
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
      "The first partition: consensus (of k-means on the codes of all models), spectral (of the graph, the paper's), kmeans (on X_latent), discretize (spectral, labels without k-means), or auto: consensus where sc-pretrain has trained several models, else of the other two the one of higher modularity on the graph; of scemc always consensus. (default: auto; paper: sctpf spectral, scemc kmeans; released: sctpf discretize, scemc kmeans)"
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

  @Flag(
    help:
      "Ablation: no clustering losses. sctpf goes on with its other losses alone, as with --gamma 0; of scemc the first partition is the result."
  )
  var noClusterLoss = false

  @Flag(
    help:
      "Store the model at every run of the filter (sctpf) or epoch (scemc) as uns/course, for sc-eval --diagnose. As many times the model's size."
  )
  var keepCourse = false

  @OptionGroup(title: "OPTIONS OF THE FILTER") var filtering: FilterOptions
  @OptionGroup(title: "OPTIONS OF SCTPF") var sctpf: ScTPFOptions
  @OptionGroup(title: "OPTIONS OF SCEMC") var scemc: ScEMCOptions

  static let declarations: [OptionDeclaration] = [
    .option("preset", for: .training),
    .option(
      "gamma", .reals(0...1e6), for: .training, .clusteringLoss, .without("no-cluster-loss")),
    .option("epochs", .integers(1...1_000_000), for: .training, .clusteringLoss),
    .option("learning-rate", .positiveReals(through: 1e6), for: .training, .clusteringLoss),
    .option("batch-size", .integers(0...1_000_000_000), for: .training, .clusteringLoss),
    .option("start", for: .training),
    .option("keep", for: .training, .clusteringLoss),
    .option(
      "patience", .integers(1...1_000_000), for: .training, .clusteringLoss, .keepingBest),
    .option(
      "freeze-centers", for: .training, .clusteringLoss, .without("no-cluster-loss"),
      Requirement("the weight of the clustering loss", "runs that train the centers") {
        $0 != "0"
      },
      Requirement("the preset", "presets that train the centers") { $0 != "released" }),
    .option("no-cluster-loss", for: .training, .model),
    .option("keep-course", for: .training, .clusteringLoss),
  ]

  /// What these options tell of a run of a method; `cells` hold the model that it goes on with, once they are known.
  func facts(for method: ClusteringMethod, in cells: CellData? = nil) -> Facts {
    var facts = [
      "the method": method.rawValue, "the kept state": keptState.rawValue,
      "the preset": preset.base.rawValue, "the filter": filtering.fact(for: method),
    ]
    if gamma == 0 { facts["the weight of the clustering loss"] = "0" }
    func part(_ isThere: Bool) -> String {
      isThere ? Requirement.on : "not part of the stored model"
    }
    if method == .sctpf, let stored = try? cells?.configurationOfScTPF() {
      facts["the adjacency loss"] = part(stored.adjacencyWeight > 0)
      facts["the loss of the counts"] = part(stored.usesLikelihood)
    }
    guard method == .scemc else { return facts }
    if let stored = try? cells?.configurationOfScEMC() {
      facts["the clustering loss of the model"] = part(stored.clusters)
      facts["the clustering loss"] = part(stored.clusters)
      facts["the reconstruction"] = part(stored.reconstructs)
      facts["the second modality"] = part(stored.features != nil)
    }
    if noClusterLoss {
      facts["the clustering loss"] = "switched off (--no-cluster-loss)"
    } else if scemc.lambdaCluster == 0 {
      facts["the clustering loss"] = "of weight 0 (--lambda-cluster 0)"
    }
    return facts
  }

  /// Throws a `ValidationError` where the preset or the batches do not go with the method.
  func validate(for method: ClusteringMethod) throws {
    if let paperSet = preset.paperSet, method != .sctpf {
      throw ValidationError(
        "--preset paper:\(paperSet.rawValue) is for the method sctpf, but the method is \(method.rawValue)."
      )
    }
    if method == .sctpf { try sctpf.validate(with: self) }
    if method == .scemc && batchSize == 0 {
      throw ValidationError(
        "--batch-size 0: cells of scemc inform all others of their batch; give a number.")
    }
  }

  private var keptState: KeptState { keep ?? (preset.base == .default ? .best : .last) }

  /// The preset of a method with what was given in its place.
  func settings<Settings: ClusteringSettings>() -> Settings {
    var settings: Settings = preset.base.settings()
    settings.start = start ?? settings.start
    settings.schedule.epochs = epochs ?? settings.schedule.epochs
    settings.schedule.learningRate = learningRate ?? settings.schedule.learningRate
    settings.schedule.keeps = keptState
    settings.schedule.keepsCourse = keepCourse
    settings.gamma = gamma ?? settings.gamma
    settings.trainsCenters = settings.trainsCenters && !freezeCenters
    settings.batchSize = batchSize ?? settings.batchSize
    return settings
  }

  /// How the method trains its model; nil of a method that trains none.
  func recipe(for method: ClusteringMethod) -> (any ClusteringRecipe)? {
    switch method {
    case .sctpf: sctpf.recipe(self)
    case .scemc: scemc.recipe(self)
    case .consensus, .kmeans, .spectral, .leiden: nil
    }
  }
}

extension Requirement {
  /// The fact that a part of the run is there.
  static let on = "on"
  static let sctpf = Requirement("the method", "the method sctpf") { $0 == "sctpf" }
  static let scemc = Requirement("the method", "the method scemc") { $0 == "scemc" }
  /// Without it scEMC trains nothing, and the first partition is the result.
  static let clusteringLoss = Requirement("the clustering loss", "runs with a clustering loss") {
    $0 == on
  }
  static let model = Requirement(
    "the clustering loss of the model", "models with a clustering loss"
  ) { $0 == on }
  static let adjacencyLoss = Requirement("the adjacency loss", "models that explain the graph") {
    $0 == on
  }
  static let countsLoss = Requirement("the loss of the counts", "models that explain counts") {
    $0 == on
  }
  static let reconstruction = Requirement("the reconstruction", "models that reconstruct counts") {
    $0 == on
  }
  static let secondModality = Requirement(
    "the second modality", "models of two modalities"
  ) { $0 == on }
  static let filter = Requirement("the filter", "runs with the filter") { $0 == on }
  static let keepingBest = Requirement("the kept state", "runs that keep the best state") {
    $0 == KeptState.best.rawValue
  }
}
