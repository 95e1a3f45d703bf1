import ArgumentParser
import CellData
import ModelStages
import Models
import StageSupport
import Tensors
import Training

extension StartMethod: ExpressibleByArgument {}
extension KeptState: ExpressibleByArgument {}

/// The preset, over which the other options are laid.
struct PresetOptions: DeclaredOptions {
  @Option(
    help:
      "The settings: default (minibatches, keeps the best state), paper (the published method) or released (the authors' program). paper:SET has ε and k of a data set of scTPF's paper."
  )
  var preset = PresetChoice(base: .default)

  static let declarations: [OptionDeclaration] = [.option("preset", for: .training)]
}

/// The settings of clustering with any model, and groups for single models. The preset gives what
/// the options do not.
struct ModelOptions: DeclaredOptions {
  @OptionGroup(title: "MAIN OPTIONS") private var main: PresetOptions

  @Option(
    help: ArgumentHelp(
      "γ: the weight of the clustering loss. (default: sctpf, sctag 1.5, scemc, scmdc 0.1, sczidesk 0.001, others 1; paper: scemc 1)",
      valueName: "weight"))
  var gamma: Double?

  @Option(
    help: ArgumentHelp(
      "The highest number of epochs. (default: sctpf, sctag 32, desc 60, scdsc 80, others 30; paper: sctpf 200, scdsc 80, scemc, scmdc and desc 5000, sctag 300, scdeepcluster and sczidesk 2000)",
      valueName: "n"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp(
      "The step size of Adam (sctpf, sctag, sczidesk, scdsc), of gradient descent with momentum (desc) or of Adadelta (others). (default: sctpf, sctag 5e-4, sczidesk 1e-4, scdsc 1e-3, desc 0.01, others 1; paper: scdsc 1e-4)",
      valueName: "rate"))
  var learningRate: Double?

  @Option(
    help: ArgumentHelp(
      "Cells in a step; 0 takes all (not for scemc, sczidesk and scmdc). scdsc always takes all. (default: 256; all if the model needs the whole graph in a step; desc fewer if an epoch has less than 16 steps; paper: 0, or 256 without a graph)",
      valueName: "n"))
  var batchSize: Int?

  @Option(
    help:
      "The initial clusters. consensus: k-means on the codes of all models. joint: spectral clustering of the codes of all models together. joint-kmeans: k-means on these. joint-leiden: Leiden on their shared neighbors. spectral: of the graph, as in the paper. discretize: spectral, labels without k-means. kmeans: on X_latent. leiden: on the neighbors in X_latent, with that number of clusters. auto: the higher modularity on the graph, of joint and joint-kmeans with several models, else of spectral and kmeans. For models that read no graph, and for scemc, auto is consensus. (default: auto; paper: sctpf, sctag spectral, desc leiden, others kmeans; released: sctpf discretize, else the same)"
  )
  var start: StartMethod?

  @Option(
    help:
      "Which training state gives the clusters: best or last. best includes the initial clusters. The criterion is modularity on the graph or, for the start consensus and those without a graph, agreement with the initial clusterings. (default: best; paper: last)"
  )
  var keep: KeptState?

  @Option(
    help: ArgumentHelp(
      "With --keep best: training ends after N updates without a better state. An update is a run of the filter (sctpf), a target (sctag, desc, scdsc), a comparison of labels (sczidesk) or an epoch (others). (default: 3; sctpf, sctag and scdsc 1 if sc-pretrain has trained several models)",
      valueName: "n"))
  var patience: Int?

  @Option(
    help: ArgumentHelp(
      "Epochs between two runs of the filter (sctpf), two target distributions, or two comparisons of labels (sczidesk). (default: sctpf, sctag, scdsc 4, scdeepcluster 1, sczidesk 2, desc 5; paper: 1, sctag 8, sczidesk 10, desc 5; released: 8, scdeepcluster and scdsc 1, sczidesk 10, desc 5)",
      valueName: "n"))
  var updateInterval: Int?

  @Option(
    help: ArgumentHelp(
      "Not for sctpf: training ends when a smaller share of the labels changes. (default: 0.001, desc 0.005)",
      valueName: "share"))
  var stableShare: Double?

  @Option(
    help: ArgumentHelp(
      "For scemc, scdeepcluster, sczidesk and scmdc: σ of the noise on standardized RNA. (default: as in pretraining)",
      valueName: "sigma"))
  var rnaNoise: Double?

  @Option(
    help: ArgumentHelp(
      "For scemc and scmdc: σ of the noise on the standardized second modality. (default: as in pretraining)",
      valueName: "sigma"))
  var secondNoise: Double?

  @Option(
    help: ArgumentHelp(
      "For scemc and scmdc: φ, the weight of the loss between pairs of cells. (default: as in pretraining, 0.001)",
      valueName: "weight"))
  var phi: Double?

  @Flag(
    help:
      "Do not train the cluster centers. --preset released of sctpf, scemc and sctag implies it.")
  var freezeCenters = false

  @Flag(
    help:
      "Store the model at every run of the filter (sctpf), target (sctag, desc, scdsc) or epoch (others) as uns/snapshots, for sc-eval --diagnose. Each takes the model's size, in memory and in the file."
  )
  var keepSnapshots = false

  @OptionGroup(title: "OPTIONS OF THE FILTER") var filtering: FilterOptions
  @OptionGroup(title: "OPTIONS OF SCTPF") var sctpf: ScTPFOptions
  @OptionGroup(title: "OPTIONS OF SCEMC") var scemc: ScEMCOptions
  @OptionGroup var sctag: ScTAGOptions
  @OptionGroup var scdeepcluster: ScDeepClusterOptions
  @OptionGroup var desc: DESCOptions
  @OptionGroup var sczidesk: ScziDeskOptions
  @OptionGroup var scmdc: ScMDCOptions
  @OptionGroup var scdsc: ScDSCOptions
  @OptionGroup var dcca: DCCAOptions
  @OptionGroup(title: "OPTIONS OF SCMCS") var scmcs: ScMCsOptions
  @OptionGroup var scmvae: ScMVAEOptions
  @OptionGroup(title: "ABLATIONS") var ablations: AblationOptions

  static let declarations: [OptionDeclaration] = [
    .option(
      "gamma", .reals(0...1e6), for: .training, .clusteringLoss, .without("no-cluster-loss")),
    .option("epochs", .integers(1...1_000_000), for: .training, .clusteringLoss),
    .option("learning-rate", .positiveReals(through: 1e6), for: .training, .clusteringLoss),
    .option(
      "batch-size", .integers(0...1_000_000_000), for: .training, .clusteringLoss, .batched),
    .option("start", for: .training),
    .option("keep", for: .training, .clusteringLoss),
    .option(
      "patience", .integers(1...1_000_000), for: .training, .clusteringLoss, .keepingBest),
    .option("update-interval", .integers(1...1_000_000), for: .renewing),
    .option("stable-share", .reals(0...1), for: .stable, .clusteringLoss),
    .option("rna-noise", .reals(0...1000), for: .noisy, .clusteringLoss),
    .option("second-noise", .reals(0...1000), for: .paired, .secondModality, .clusteringLoss),
    .option("phi", .reals(0...1e6), for: .paired, .without("no-cluster-loss"), .clusteringLoss),
    .option(
      "freeze-centers", for: .training, .clusteringLoss, .without("no-cluster-loss"),
      Requirement("the weight of the clustering loss", "runs that train the centers") {
        $0 != "0"
      },
      Requirement("the training of the centers", "presets that train the centers") {
        $0 == Requirement.on
      }),
    .option("keep-snapshots", for: .training, .clusteringLoss),
  ]

  var preset: PresetChoice { main.preset }

  /// The facts that these options show of a run. `cells` hold its model; nil before they are read.
  func facts(for method: ClusteringMethod, in cells: CellData? = nil) -> Facts {
    var facts = [
      "the method": method.name, "the kept state": keptState.rawValue,
      "the filter": filtering.fact(for: method, isSwitchedOff: ablations.noFilter),
    ]
    if gamma == 0 { facts["the weight of the clustering loss"] = "0" }
    return facts.merging(own(method)?.facts(self, in: cells) ?? [:]) { $1 }
  }

  /// Throws a `ValidationError` if the preset or the batches do not suit the method.
  func validate(for method: ClusteringMethod) throws {
    try preset.requireModel(method.name, as: "method")
    try own(method)?.validate(with: self)
  }

  private var keptState: KeptState { keep ?? (preset.base == .default ? .best : .last) }

  /// The preset of a method with the given options laid over it.
  func settings<Settings: ClusteringSettings>() -> Settings {
    var settings: Settings = preset.base.settings()
    settings.start = start ?? settings.start
    settings.schedule.epochs = epochs ?? settings.schedule.epochs
    settings.schedule.learningRate = learningRate ?? settings.schedule.learningRate
    settings.schedule.interval = updateInterval ?? settings.schedule.interval
    settings.schedule.patience = patience ?? settings.schedule.patience
    settings.schedule.keeps = keptState
    settings.schedule.keepsSnapshots = keepSnapshots
    settings.gamma = ablations.noClusterLoss ? 0 : gamma ?? settings.gamma
    settings.trainsCenters = settings.trainsCenters && !freezeCenters
    settings.batchSize = batchSize ?? settings.batchSize
    return settings
  }

  /// The same for a model that is trained until its labels are stable.
  func stableSettings<Settings: StableClusteringSettings>() -> Settings {
    var settings: Settings = settings()
    settings.stableShare = stableShare ?? settings.stableShare
    if filtering.filter { settings.filter = filtering.laid(over: .standard) }
    return settings
  }

  /// The same for a model whose first partition is the result.
  var firstPartition: FirstPartitionClustering {
    var settings: FirstPartitionClustering = settings()
    settings.schedule.epochs = 0
    return settings
  }

  /// The facts of a model whose authors' program holds the centers constant.
  var factsOfConstantCenters: Facts {
    preset.base == .released
      ? ["the training of the centers": "not part of the preset released"] : [:]
  }

  /// The resolution that gives the number of clusters where no option does.
  func resolution(of method: ClusteringMethod) -> Double? { own(method)?.resolution(self) }

  /// How the method trains its model; nil for a method that trains none.
  func recipe(for method: ClusteringMethod) -> (any ClusteringRecipe)? {
    own(method)?.recipe(self)
  }

  /// The options of a method's model; nil for a method that trains none.
  private func own(_ method: ClusteringMethod) -> (any OwnMethodOptions)? {
    let models: [any OwnMethodOptions] = [
      sctpf, scemc, sctag, scdeepcluster, desc, sczidesk, scmdc, scdsc, dcca, scmcs, scmvae,
    ]
    return models.first { method == .model(type(of: $0).model) }
  }
}

extension Requirement {
  /// The value of a fact if the run has that part.
  static let on = "on"
  /// Models that do something every few epochs.
  static let renewing = kinds("the method") { $0.hasClusteringLoss && !$0.comparesPairs }
  /// Models whose training ends when labels are stable.
  static let stable = kinds("the method") { $0.hasClusteringLoss && !$0.hasOwnFilter }
  /// Models whose steps may read some of the cells. The graph network of scDSC reads all.
  static let batched = kinds("the method") { $0.hasClusteringLoss && $0.clustersInBatches }
  /// Models that add noise.
  static let noisy = kinds("the method") { $0.addsNoise }
  /// Models of two measurements.
  static let paired = kinds("the method") { $0.comparesPairs }
  /// Without this loss scEMC trains nothing, and the first partition is the result.
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
