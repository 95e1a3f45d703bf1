import ArgumentParser
import CellData
import StageSupport
import Tensors

@main struct Evaluate: StageCommand {
  static let multipliesMatrices = true
  static let configuration = CommandConfiguration(
    stage: "sc-eval",
    abstract: "Judge a clustering, with true labels and without.",
    discussion: """
      With --labels: accuracy, NMI, ARI, AMI, homogeneity, completeness, V-measure, purity and Fowlkes-Mallows. Always, \
      where the data is there: silhouette, Davies-Bouldin and Calinski-Harabasz on the embedding, modularity on the graph. \
      A table on a terminal, tab-separated text elsewhere. With --plot also a picture: a t-SNE of the embedding, colored \
      by cluster and, with --labels, by true label.
      """,
    examples: [
      "sc-eval clustered.h5ad --labels cell_type",
      "sc-eval clustered.h5ad --labels cell_type --plot clustered.png",
      "sc-knn counts.st | sc-pretrain | sc-cluster --clusters 8 | sc-eval --labels cell_type --json",
      "sc-eval clustered.h5ad --history",
    ])

  @OptionGroup var input: InputOptions

  @Option(help: ArgumentHelp("The column of obs with the true labels.", valueName: "column"))
  var labels: String?

  @Option(help: ArgumentHelp("The column of obs with the clusters.", valueName: "column"))
  var clustersColumn = "cluster"

  @Option(
    name: [.long, .customLong("ignore-label")],
    help: ArgumentHelp(
      "A true label whose cells are left out; may be given several times.", valueName: "label"))
  var ignore: [String] = []

  @Option(
    help: ArgumentHelp(
      "The embedding (a name in obsm) to measure distances in, and to draw. (default: X_latent)",
      valueName: "name"))
  var use: String?

  @Flag(
    help: "Write JSON: one object with acc, nmi, ari, ami, and so on; null for what has no value.")
  var json = false

  @OptionGroup var drawing: PlotOptions

  @Flag(help: "Print what was done to the data, oldest first, instead of figures.")
  var history = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file for the report; - is standard output.", valueName: "file"))
  var output: Path = .standard

  @OptionGroup var running: RunningOptions

  mutating func validate() throws {
    if labels == nil && !ignore.isEmpty {
      throw ValidationError("--ignore needs --labels: it names a true label.")
    }
    if history && drawing.plot != nil {
      throw ValidationError("--plot and --history exclude each other.")
    }
  }

  func run(in stage: Stage) throws {
    try drawing.check(in: stage)
    let (cells, _) = try stage.open(input)
    let style: Report.Style =
      json ? .json : stage.isTerminal(output) ? .table : .tabSeparated
    if history {
      return try stage.write(Report.history(cells.history, style), to: output)
    }
    let columns = (clusters: clustersColumn, labels: labels)
    let selection = try Selection(
      cells, clusters: columns.clusters, labels: columns.labels, ignoring: ignore)
    selection.announce(on: stage.log)
    let figures = try Figures(of: cells, selection, embedding: use, seed: stage.seed)
    try drawing.draw(cells, columns, embedding: use, in: stage)
    try stage.write(figures.report.text(style), to: output)
  }
}
