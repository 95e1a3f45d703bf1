import ArgumentParser
import StageSupport

/// Parts of a model that a run leaves out, as in the papers' tables.
struct AblationOptions: DeclaredOptions {
  @Flag(help: "For sctpf: no adjacency loss.")
  var noAdjacencyLoss = false

  @Flag(
    help:
      "For sctpf: the squared error of the standardized values, through one linear head, replaces the ZINB loss of the counts."
  )
  var noCountsLoss = false

  @Flag(help: "For scemc: no skip connection; the joint codes alone.")
  var noSkip = false

  @Flag(help: "For scemc: cells do not attend to each other.")
  var noAggregation = false

  @Flag(help: "For scemc: no reconstruction of the counts.")
  var noReconstruction = false

  @Flag(help: "For scemc: no loss between pairs of similar cells.")
  var noClusterLoss = false

  @Flag(help: "For scemc: the RNA alone, without the second modality.")
  var rnaOnly = false

  static let declarations: [OptionDeclaration] = [
    .option("no-adjacency-loss", for: .sctpf), .option("no-counts-loss", for: .sctpf),
    .option("no-skip", for: .scemc), .option("no-aggregation", for: .scemc),
    .option("no-reconstruction", for: .scemc), .option("no-cluster-loss", for: .scemc),
    .option("rna-only", for: .scemc),
  ]

  mutating func validate() throws {
    if noReconstruction && noClusterLoss {
      throw ValidationError(
        "--no-reconstruction and --no-cluster-loss cannot be combined: nothing is left to train.")
    }
  }
}
