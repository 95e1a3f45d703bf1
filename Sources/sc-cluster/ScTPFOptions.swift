import ArgumentParser
import ModelStages
import Models
import StageSupport
import Training

extension EncodingGraph: ExpressibleByArgument {}

/// What clustering with scTPF has for itself: its filter of reliable cells.
struct ScTPFOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "ε: how much likelier a cell's cluster must be than the next for the filter to trust it. (default: the median of what the cells reach at the start, at most 0.8; paper: 0.8)",
      valueName: "margin"))
  var margin: Double?

  @Option(
    help: ArgumentHelp(
      "k: neighbors of the latent graph in which the filter looks for components. (default: the fewest, from 2 to 10, with which 95 % of the cells that pass ε hang together with their cluster at the start; paper: 4)",
      valueName: "n"))
  var latentNeighbors: Int?

  @Option(
    help: ArgumentHelp(
      "ζ: the share of a cell's 60 nearest that must be in its cluster. (default: 0.5)",
      valueName: "share"))
  var outlierShare: Double?

  @Option(
    help: ArgumentHelp(
      "Epochs at least; after them training ends when 80 % of the cells are reliable. (default: 4; paper: 0)",
      valueName: "n"))
  var minEpochs: Int?

  @Option(
    help: ArgumentHelp(
      "Epochs between two runs of the filter. (default: 4; paper: 1; released: 8)", valueName: "n"))
  var updateInterval: Int?

  @Option(
    help: ArgumentHelp(
      "The graph that the encoder reads: input (the stored one, Algorithm 1) or transformed (with the filter's edges, as the published program).",
      valueName: "graph"))
  var encodeOver: EncodingGraph?

  @Flag(
    help: ArgumentHelp(
      "Try ε and k from the data, then ε 0.7, 0.75, … 0.9 with k 2, 4, … 10, from the same start, and keep the state that is best as --keep best judges. -v prints a line for each; uns/grid has the table."
    ))
  var grid = false

  @Flag(
    help:
      "Store the model at every run of the filter (uns/course), for sc-eval --diagnose to tell how training changed it. As many times the model's size."
  )
  var keepCourse = false

  @Flag(help: "Ablation: without the filter F, every cell is trusted.")
  var noFilter = false

  @Flag(help: "Ablation: without the transform T, the codes explain the stored graph to the end.")
  var noTransform = false

  @Flag(help: "Ablation: the codes do not explain the graph.")
  var noAdjacencyLoss = false

  @Flag(
    help:
      "Ablation: from here on the standardized values are explained by their squared error, in the place of the counts' ZINB loss."
  )
  var noCountsLoss = false

  mutating func validate() throws {
    if grid && (margin != nil || latentNeighbors != nil) {
      throw ValidationError(
        "--grid tries many of --margin and --latent-neighbors; leave these out.")
    }
  }

  /// The preset with what was given in its place.
  func recipe(_ options: ModelOptions) -> ScTPFRecipe {
    var settings: ScTPFClustering = options.settings()
    if let set = options.preset.paperSet {
      (settings.rule.filter.margin, settings.rule.filter.neighbors) = set.filter
    }
    settings.patience = options.patience
    if options.noClusterLoss { settings.gamma = 0 }
    settings.schedule.minimumEpochs = minEpochs ?? settings.schedule.minimumEpochs
    settings.schedule.interval = updateInterval ?? settings.schedule.interval
    settings.schedule.keepsCourse = keepCourse
    settings.rule.encodesOver = encodeOver ?? settings.rule.encodesOver
    settings.rule.filter.outlierShare = outlierShare ?? settings.rule.filter.outlierShare
    (settings.rule.usesFilter, settings.rule.usesTransform) = (!noFilter, !noTransform)
    (settings.explainsGraph, settings.usesLikelihood) = (!noAdjacencyLoss, !noCountsLoss)
    if let margin {
      settings.rule.filter.margin = margin
      settings.rule.calibration.setsMargin = false
    }
    if let latentNeighbors {
      settings.rule.filter.neighbors = latentNeighbors
      settings.rule.calibration.setsNeighbors = false
    }
    return ScTPFRecipe(settings, usesGrid: grid)
  }

  /// Throws a `ValidationError` for more epochs at least than at most.
  func validate(with options: ModelOptions) throws {
    let epochs = recipe(options).settings.schedule.epochs
    guard let minEpochs, minEpochs > epochs else { return }
    throw ValidationError(
      "--min-epochs \(minEpochs): there are \(epochs) epochs at most (--epochs); give no more than that."
    )
  }

  static let declarations: [OptionDeclaration] = [
    .option("margin", .belowOne, for: .sctpf, .without("no-filter")),
    .option("latent-neighbors", .integers(1...1_000_000), for: .sctpf, .without("no-filter")),
    .option("outlier-share", .reals(0...1), for: .sctpf, .without("no-filter")),
    .option("min-epochs", .integers(0...1_000_000), for: .sctpf, .without("no-filter")),
    .option("update-interval", .integers(1...1_000_000), for: .sctpf),
    .option("encode-over", for: .sctpf, .without("no-transform")),
    .option("grid", for: .sctpf, .without("no-filter")), .option("keep-course", for: .sctpf),
    .option("no-filter", for: .sctpf), .option("no-transform", for: .sctpf),
    .option("no-adjacency-loss", for: .sctpf, .adjacencyLoss),
    .option("no-counts-loss", for: .sctpf, .countsLoss),
  ]
}
