import ArgumentParser
import ModelStages
import Models
import StageSupport

/// What most people need: how many clusters, by which method, under which name.
struct MainOptions: DeclaredOptions {
  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "The number of clusters, auto (what the graph supports) or tracy-widom (SC3's rule). (default: auto; for leiden, and for desc with --resolution or --preset paper, what the resolution gives)",
      valueName: "n|auto|tracy-widom"))
  var clusters: ClusterCount?

  @Option(
    help:
      "The method: that of a model (\(ModelName.list)), consensus, kmeans, spectral, leiden or sc3. (default: the stored model's own, or kmeans)"
  )
  var method: ClusteringMethod?

  @Option(
    help: ArgumentHelp(
      "For consensus, kmeans, spectral and leiden: the embedding (a name in obsm). (default: X_latent or X_pca; for spectral and leiden the stored graph)",
      valueName: "name"))
  var use: String?

  @Option(
    help: ArgumentHelp(
      "Leiden's resolution, for leiden and desc. 1 is modularity. For desc, Leiden on the neighbors in X_latent gives the number of clusters to train. (default: leiden 1; paper: desc 0.8)",
      valueName: "gamma"))
  var resolution: Double?

  @Option(
    help: ArgumentHelp(
      "Also write barcode, cluster and confidence as tab-separated text.", valueName: "file"))
  var labelsOut: Path?

  @Option(
    help: ArgumentHelp(
      "The column of obs for the clusters. Further columns are then NAME_confidence and NAME_reliability.",
      valueName: "name"))
  var keyAdded = "cluster"

  static let declarations: [OptionDeclaration] = [
    .option(
      "clusters", short: "c", .integers(1...1_000_000_000), for: .without("reference"), .dividing),
    .option("method", for: .without("reference"), .dividing),
    .option(
      "use",
      for: Requirement("the method", "methods that take an embedding") {
        ModelName(rawValue: $0) == nil && $0 != ClusteringMethod.sc3.name
      }),
    .option(
      "resolution", .reals(0...1e6),
      for: Requirement("the method", "the methods leiden and desc") {
        $0 == "leiden" || ModelName(rawValue: $0)?.kind.countsByResolution == true
      }, .without("clusters")),
    .option("labels-out"), .option("key-added"),
  ]
}

extension Requirement {
  fileprivate static let dividing = Requirement("what changes", "runs that divide cells") {
    !EditingOptions.wholeChanges.contains($0)
  }
}
