import ArgumentParser
import ModelStages
import StageSupport
import Training

/// The filter of reliable cells. scTPF's training needs it. Other models with clusters may have it
/// too.
struct FilterOptions: DeclaredOptions {
  @Flag(
    help:
      "Assess every cell by the filter of sctpf (obs/reliability). sctpf always does so. The training stays the same."
  )
  var filter = false

  @Option(
    help: ArgumentHelp(
      "ε: the filter trusts a cell if its most likely cluster is more likely than the second by more than ε. (default: the median of the cells' margins at the start, at most 0.8; paper: sctpf 0.8)",
      valueName: "margin"))
  var margin: Double?

  @Option(
    help: ArgumentHelp(
      "k: the number of neighbors in the graph of the codes, whose components the filter finds. (default: the fewest, from 2 to 10, with which 95 % of the cells that pass ε are connected to their cluster at the start; paper: sctpf 4)",
      valueName: "n"))
  var latentNeighbors: Int?

  @Option(
    help: ArgumentHelp(
      "ζ: the share of a cell's nearest neighbors (up to 60) that must be in its cluster. (default: 0.5)",
      valueName: "share"))
  var outlierShare: Double?

  static let declarations: [OptionDeclaration] = [
    .option("filter", for: .stable, .clusteringLoss),
    .option("margin", .belowOne, for: .training, .clusteringLoss, .filter),
    .option(
      "latent-neighbors", .integers(1...1_000_000), for: .training, .clusteringLoss, .filter),
    .option("outlier-share", .reals(0...1), for: .training, .clusteringLoss, .filter),
  ]

  /// Whether a method has a filter in this run; `isSwitchedOff`: whether --no-filter is given.
  func fact(for method: ClusteringMethod, isSwitchedOff: Bool) -> String {
    if case .model(let model) = method, model.kind.hasOwnFilter {
      return isSwitchedOff ? "switched off (--no-filter)" : Requirement.on
    }
    return filter ? Requirement.on : "not asked for (--filter)"
  }

  /// A preset's filter with the given options laid over it.
  func laid(over preset: CalibratedFilter) -> CalibratedFilter {
    var result = preset
    result.filter.outlierShare = outlierShare ?? result.filter.outlierShare
    if let margin { (result.filter.margin, result.calibration.setsMargin) = (margin, false) }
    if let latentNeighbors {
      (result.filter.neighbors, result.calibration.setsNeighbors) = (latentNeighbors, false)
    }
    return result
  }
}
