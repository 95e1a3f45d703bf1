import ArgumentParser
import Models
import StageSupport

extension EncodingGraph: ExpressibleByArgument {}

/// What clustering with scTPF has for itself: its filter of reliable cells.
struct ScTPFOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "ε: how much likelier a cell's cluster must be than the next for the filter to trust it. (default: the median of what the cells reach at the start, at most 0.8; paper: 0.8)",
      valueName: "margin"))
  var confidence: Double?

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
      "Epochs at least; after them training ends when 80 % of the cells are reliable. (default: 4; paper: 8)",
      valueName: "n"))
  var minEpochs: Int?

  @Option(
    help: ArgumentHelp(
      "Epochs between two runs of the filter. (default: 4; paper: 8)", valueName: "n"))
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

  mutating func validate() throws {
    if grid && (confidence != nil || latentNeighbors != nil) {
      throw ValidationError(
        "--grid tries many of --confidence and --latent-neighbors; leave these out.")
    }
    try require((0..<1).contains(confidence ?? 0), "confidence", "from 0 to below 1")
    try require((latentNeighbors ?? 1) >= 1, "latent-neighbors", "1 or more")
    try require((0...1).contains(outlierShare ?? 0), "outlier-share", "from 0 to 1")
    try require((minEpochs ?? 0) >= 0, "min-epochs", "0 or more")
    try require((updateInterval ?? 1) >= 1, "update-interval", "1 or more")
  }

  /// Its options that were given.
  var given: [String] {
    givenOptions([
      "confidence": confidence != nil, "latent-neighbors": latentNeighbors != nil,
      "outlier-share": outlierShare != nil, "min-epochs": minEpochs != nil,
      "update-interval": updateInterval != nil, "encode-over": encodeOver != nil, "grid": grid,
      "keep-course": keepCourse,
    ])
  }
}
