import Reports
import StageSupport

extension RunPage {
  /// The suggested name of each cluster with its evidence.
  func typeBlocks(_ types: TypeTable) -> [ReportPage.Block] {
    let note = ReportPage.Block.paragraph(
      "The type whose known genes stand out most in each cluster: their mean standardized value minus that of control genes with similar expression. The margin is the distance to the second type. Scores below two standard errors give Unknown."
    )
    let rows = zip(zip(types.clusters, types.names), types.rows).map { cluster, rows in
      let (best, second) = (rows[0], rows.dropFirst().first)
      return [
        cluster.0, cluster.1, best.type, best.score.fourDecimals,
        best.margin?.fourDecimals ?? "", best.deviations?.fourDecimals ?? "",
        second?.type ?? "", "\(best.found) of \(best.listed)",
        best.genes.prefix(8).joined(separator: ", "),
      ]
    }
    return [
      note,
      .table(
        ReportTable(
          headings: [
            "cluster", "name", "type", "score", "margin", "standard errors", "second type",
            "genes found", "highest genes",
          ], rows: rows, numbers: [3, 4, 5])),
    ]
  }
}
