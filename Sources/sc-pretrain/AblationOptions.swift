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
    .option("no-adjacency-loss", for: ScTPFOptions.only),
    .option("no-counts-loss", for: ScTPFOptions.only),
    .option("no-skip", for: ScEMCOptions.only), .option("no-aggregation", for: ScEMCOptions.only),
    .option("no-reconstruction", for: ScEMCOptions.only),
    .option("no-cluster-loss", for: ScEMCOptions.only),
    .option("rna-only", for: ScEMCOptions.only),
  ]

  mutating func validate() throws {
    if noReconstruction && noClusterLoss {
      throw ValidationError(
        "--no-reconstruction and --no-cluster-loss cannot be combined: nothing is left to train.")
    }
  }
}
