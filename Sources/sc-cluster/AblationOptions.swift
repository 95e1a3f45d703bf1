import ArgumentParser
import StageSupport

/// Parts of a method that a run leaves out, as in the papers' tables.
struct AblationOptions: DeclaredOptions {
  @Flag(help: "For sctpf: no filter F. Every cell is trusted, and none is assessed.")
  var noFilter = false

  @Flag(help: "For sctpf: no transform T. The adjacency loss keeps the stored graph.")
  var noTransform = false

  @Flag(help: "For sctpf: no adjacency loss.")
  var noAdjacencyLoss = false

  @Flag(
    help:
      "For sctpf: the squared error of the standardized values replaces the ZINB loss of the counts. The pretraining keeps its own loss."
  )
  var noCountsLoss = false

  @Flag(help: "For scemc: no reconstruction of the counts.")
  var noReconstruction = false

  @Flag(
    help:
      "No clustering losses. sctpf, sctag, scdeepcluster, sczidesk, scmdc and scdsc train with their other losses, as with --gamma 0. For scemc and desc, the first partition is the result. dcca, scmcs and scmvae have none."
  )
  var noClusterLoss = false

  static let declarations: [OptionDeclaration] = [
    .option("no-filter", for: ScTPFOptions.only), .option("no-transform", for: ScTPFOptions.only),
    .option("no-adjacency-loss", for: ScTPFOptions.only, .adjacencyLoss),
    .option("no-counts-loss", for: ScTPFOptions.only, .countsLoss),
    .option("no-reconstruction", for: ScEMCOptions.only, .reconstruction, .clusteringLoss),
    .option("no-cluster-loss", for: .training, .model),
  ]
}
