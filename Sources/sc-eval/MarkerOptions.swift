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
      "The number of genes to write for each cluster. (default: all)", valueName: "n"))
  var markerCount: Int?

  static let declarations: [OptionDeclaration] = [
    .option("markers", for: .figures, .oneRun),
    .option("marker-count", .integers(1...1_000_000_000), for: .with("markers")),
  ]

  mutating func validate() throws {
    try markers?.requireEnding(Path.textEndings, "markers")
  }
}

/// Ranked genes with their names.
struct MarkerTable {
  let genes: MarkerGenes
  let clusters: [String]
  /// The values in which they are ranked.
  let expression: Expression

  /// Throws kind `badData` where there are no values, or nothing to compare.
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

  /// A line a cluster and gene.
  func text(count: Int?) -> String {
    var lines = [
      "cluster\trank\tgene\tscore\tp_value\tp_adjusted\tlog2_fold_change\tfraction_in\tfraction_out"
    ]
    for (cluster, ranking) in zip(clusters, genes.ranking) {
      for (place, entry) in ranking.prefix(count ?? .max).enumerated() {
        lines.append(
          "\(cluster.printable)\t\(place + 1)\t\(name(entry).printable)\t\(entry.score)\t\(entry.pValue)\t\(entry.adjustedPValue)\t\(entry.logFoldChange)\t\(entry.fractionIn)\t\(entry.fractionOut)"
        )
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
