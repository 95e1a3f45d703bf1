import ArgumentParser
import CellData
import Markers
import StageSupport
import Tensors

/// The genes of the clusters.
struct MarkerOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "Write the marker genes of every cluster as tab-separated text. Genes are ranked by Wilcoxon's rank-sum test against all other cells.",
      valueName: "file"))
  var markers: Path?

  @Option(
    help: ArgumentHelp(
      "Write the genes that distinguish the branches of the tree of clusters as tab-separated text. At each node the cells of one branch are tested against those of the other.",
      valueName: "file"))
  var branchGenes: Path?

  @Option(
    help: ArgumentHelp(
      "The number of genes to write for each cluster or branch. (default: all; for a branch 10)",
      valueName: "n"))
  var markerCount: Int?

  static let declarations: [OptionDeclaration] = [
    .option("markers", for: .figures, .oneRun),
    .option("branch-genes", for: .figures, .oneRun),
    .option(
      "marker-count", .integers(1...1_000_000_000),
      for: Requirement("the genes", "runs with --markers or --branch-genes") {
        $0 != PageOptions.unwritten
      }),
  ]

  mutating func validate() throws {
    try markers?.requireEnding(Path.textEndings, "markers")
    try branchGenes?.requireEnding(Path.textEndings, "branch-genes")
  }
}

/// Ranked genes with their names.
struct MarkerTable {
  let genes: MarkerGenes
  let clusters: [String]
  /// The values in which they are ranked.
  let expression: Expression

  /// Throws kind `badData` if there are no values, or nothing to compare.
  init(_ expression: Expression?, clusters: Categories) throws {
    guard let expression else {
      throw StageFault(
        .badData, "there is no X to rank genes in (--markers); run sc-preprocess first")
    }
    genes = try MarkerGenes(expression.values, labels: clusters.codes.map { Int($0) })
    self.expression = expression
    self.clusters = genes.clusters.map { clusters.names[$0] }
  }

  func name(_ entry: MarkerGenes.Entry) -> String { expression.genes.index[entry.gene] }

  /// What the columns of a line are.
  static let heading =
    "rank\tgene\tscore\tp_value\tp_adjusted\tlog2_fold_change\tfraction_in\tfraction_out"

  /// A gene at its place in the ranking, from 0.
  static func line(_ place: Int, _ entry: MarkerGenes.Entry, _ name: String) -> String {
    "\(place + 1)\t\(name.printable)\t\(entry.score)\t\(entry.pValue)\t\(entry.adjustedPValue)\t\(entry.logFoldChange)\t\(entry.fractionIn)\t\(entry.fractionOut)"
  }

  /// A line a cluster and gene.
  func text(count: Int?) -> String {
    var lines = ["cluster\t" + MarkerTable.heading]
    for (cluster, ranking) in zip(clusters, genes.ranking) {
      for (place, entry) in ranking.prefix(count ?? .max).enumerated() {
        lines.append("\(cluster.printable)\t" + MarkerTable.line(place, entry, name(entry)))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
