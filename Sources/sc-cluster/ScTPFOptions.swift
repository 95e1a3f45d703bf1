import ArgumentParser
import CellData
import ModelStages
import Models
import StageSupport
import Training

extension EncodingGraph: ExpressibleByArgument {}

/// The options of clustering with scTPF alone: its filter, its transform and its grid.
struct ScTPFOptions: OwnMethodOptions {
  static let model = ModelName.sctpf

  @Option(
    help: ArgumentHelp(
      "The lowest number of epochs. After them training ends when 80 % of the cells are reliable. (default: 4; paper: 0)",
      valueName: "n"))
  var minEpochs: Int?

  @Option(
    help: ArgumentHelp(
      "The graph that the encoder reads: input (the stored one, Algorithm 1) or transformed (with the filter's edges, as in the published program).",
      valueName: "graph"))
  var encodeOver: EncodingGraph?

  @Flag(
    help: ArgumentHelp(
      "Try 26 pairs of ε and k from the same initial clusters, and keep the best state. The pairs are those from the data, then ε 0.7, 0.75, … 0.9 with k 2, 4, … 10. -v prints a line for each; uns/grid has the table."
    ))
  var grid = false

  func recipe(_ options: ModelOptions) -> ScTPFRecipe {
    var settings: ScTPFClustering = options.settings()
    if let set = options.preset.paperSet {
      (settings.rule.filter.margin, settings.rule.filter.neighbors) = set.filter
    }
    settings.patience = options.patience
    settings.schedule.minimumEpochs = minEpochs ?? settings.schedule.minimumEpochs
    settings.rule.encodesOver = encodeOver ?? settings.rule.encodesOver
    settings.rule.cells = options.filtering.laid(over: settings.rule.cells)
    settings.rule.usesFilter = !options.ablations.noFilter
    settings.rule.usesTransform = !options.ablations.noTransform
    settings.explainsGraph = !options.ablations.noAdjacencyLoss
    settings.usesLikelihood = !options.ablations.noCountsLoss
    return ScTPFRecipe(settings, usesGrid: grid)
  }

  func facts(_ options: ModelOptions, in cells: CellData?) -> Facts {
    var facts = options.factsOfConstantCenters
    if let cells, let stored = try? ScTPF<Float>.shape(in: cells) {
      facts["the adjacency loss"] = part(stored.adjacencyWeight > 0)
      facts["the loss of the counts"] = part(stored.usesLikelihood)
    }
    return facts
  }

  /// Throws a `ValidationError` if --min-epochs exceeds --epochs, or if options fix what --grid
  /// tries.
  func validate(with options: ModelOptions) throws {
    if grid && (options.filtering.margin != nil || options.filtering.latentNeighbors != nil) {
      throw ValidationError(
        "--grid tries many of --margin and --latent-neighbors; leave these out.")
    }
    let epochs = recipe(options).settings.schedule.epochs
    guard let minEpochs, minEpochs > epochs else { return }
    throw ValidationError(
      "--min-epochs \(minEpochs): there are \(epochs) epochs at most (--epochs); give no more than that."
    )
  }

  static let declarations: [OptionDeclaration] = [
    .option("min-epochs", .integers(0...1_000_000), for: only, .filter),
    .option("encode-over", for: only, .without("no-transform")),
    .option("grid", for: only, .filter),
  ]
}
