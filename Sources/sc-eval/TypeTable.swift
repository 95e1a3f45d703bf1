import CellData
import Markers
import StageSupport
import Tensors

/// The types of the clusters, with their evidence.
struct TypeTable {
  /// One type in one cluster, in words.
  struct Row {
    let type: String
    let score: Double
    /// The score less that of the next type; nil for the last.
    let margin: Double?
    let deviations: Double?
    /// How many genes the table has of the type, and how many of these the data has.
    let listed: Int
    let found: Int
    /// Those that are higher in the cluster than among all cells, highest first.
    let genes: [String]
    let isSupported: Bool
  }

  let clusters: [String]
  /// The types of each cluster that have genes in the data, highest score first.
  let rows: [[Row]]
  /// The name of each cluster: its first type, or a name that shows that none is supported; no two
  /// are the same.
  let names: [String]

  /// The name of a cluster without a supported type.
  static let unknown = "Unknown"

  /// Reports which types have no gene, and how many lines hold nothing. Throws kind `badData` if no
  /// gene is known, or there is nothing to compare.
  init(
    _ known: TypeGenes, in expression: Expression?, clusters: Categories, _ log: Log
  ) throws {
    guard let expression else {
      throw StageFault(
        .badData, "there is no X to score types in (--markers-of); run sc-preprocess first")
    }
    let found = try known.found(in: expression.genes)
    let used = found.indices.filter { !found[$0].isEmpty }
    if used.count < found.count {
      let lost = found.indices.filter { found[$0].isEmpty }.map { known.types[$0].name }
      log.note("--markers-of: the data has no gene of \(StageSupport.listed(lost))")
    }
    if let first = known.incompleteLines.first {
      log.note(
        "--markers-of: left out \(counted(known.incompleteLines.count, "line")) without a type or a gene (the first is line \(first))"
      )
    }
    let scores = try TypeScores(
      expression.values, labels: clusters.codes.map { Int($0) }, types: used.map { found[$0] })
    self.clusters = scores.clusters.map { clusters.names[$0] }
    rows = scores.ranking.map { ranking in
      ranking.enumerated().map { place, entry in
        let type = used[entry.type]
        return Row(
          type: known.types[type].name, score: entry.score,
          margin: place + 1 < ranking.count ? entry.score - ranking[place + 1].score : nil,
          deviations: entry.deviations, listed: known.types[type].genes.count,
          found: found[type].count, genes: entry.evidence.map { expression.genes.index[$0] },
          isSupported: entry.isSupported)
      }
    }
    names = TypeTable.distinct(
      rows.map { $0.first.flatMap { $0.isSupported ? $0.type : nil } ?? TypeTable.unknown })
  }

  /// `B cell`, `B cell 2`: clusters of one name would become one.
  private static func distinct(_ names: [String]) -> [String] {
    var taken: Set<String> = []
    return names.map { name in
      var (candidate, number) = (name, 1)
      while !taken.insert(candidate).inserted {
        number += 1
        candidate = "\(name) \(number)"
      }
      return candidate
    }
  }

  /// A line a cluster and type.
  var text: String {
    var lines = ["cluster\trank\ttype\tscore\tmargin\tdeviations\tlisted\tfound\tgenes"]
    for (cluster, rows) in zip(clusters, rows) {
      for (place, row) in rows.enumerated() {
        let numbers = [row.score, row.margin, row.deviations].map { $0.map { "\($0)" } ?? "" }
        lines.append(
          "\(cluster.printable)\t\(place + 1)\t\(row.type.printable)\t\(numbers.joined(separator: "\t"))\t\(row.listed)\t\(row.found)\t\(row.genes.map(\.printable).joined(separator: ","))"
        )
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A line a cluster: what it is called, and its type.
  var renaming: String {
    zip(clusters, names).map { "\($0.printable)\t\($1.printable)\n" }.joined()
  }
}
