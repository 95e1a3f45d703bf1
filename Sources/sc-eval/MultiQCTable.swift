import StageSupport

/// The figures of one sample as custom content of MultiQC, which puts the samples that it finds together into one table.
///
/// The file should be called `….sc_eval_mqc.json` for MultiQC to find it.
struct MultiQCTable {
  let sample: String
  let report: Report

  /// Those with a fixed range get bars on it.
  private static let known:
    [(name: String, title: String, description: String, range: (Double, Double)?)] =
      [
        ("cells", "Cells", "Cells with a cluster", nil),
        ("clusters", "Clusters", "Clusters with cells", nil),
        ("acc", "ACC", "Accuracy under the best matching of clusters and true types", (0, 1)),
        ("nmi", "NMI", "Normalized mutual information with the true types", (0, 1)),
        ("ari", "ARI", "Adjusted Rand index with the true types", (-0.5, 1)),
        ("ami", "AMI", "Adjusted mutual information with the true types", (-0.5, 1)),
        ("silhouette", "Silhouette", "Mean silhouette width in the embedding", (-1, 1)),
        ("davies_bouldin", "Davies-Bouldin", "Davies-Bouldin index; lower is better", nil),
        ("calinski_harabasz", "Calinski-Harabasz", "Calinski-Harabasz index", nil),
        ("modularity", "Modularity", "Modularity on the graph of cells", (-0.5, 1)),
        ("lambda_fr", "Λ FR", "Cosine of the gradients: own clusters, true types", (-1, 1)),
        ("lambda_fd", "Λ FD", "Cosine of the gradients: clustering, reconstruction", (-1, 1)),
      ]

  var text: String {
    let rows = report.rows.filter { $0.number != nil }
    let headers = rows.map { row -> (key: String, value: JSONValue) in
      let entry = MultiQCTable.known.first { $0.name == row.name }
      var fields: [(key: String, value: JSONValue)] = [
        ("title", .string(entry?.title ?? row.name)),
        ("description", .string(entry?.description ?? row.name)),
        ("hidden", .boolean(entry == nil)),
      ]
      if case .integer = row.value {
        fields += [("format", "{:,.0f}")]
      } else {
        fields += [("format", "{:,.3f}")]
      }
      if let range = entry?.range {
        fields += [("min", .number(range.0)), ("max", .number(range.1))]
      }
      return (row.name, .object(fields))
    }
    return JSONValue.object([
      ("id", "sc_eval"), ("section_name", "Single-cell clustering"),
      (
        "description",
        "How well the clusters agree with known types, and how well they are separated."
      ),
      ("plot_type", "table"),
      ("pconfig", .object([("id", "sc_eval_table"), ("title", "Single-cell clustering")])),
      ("headers", .object(headers)),
      ("data", .object([(sample, .object(rows.map { ($0.name, $0.value) }))])),
    ]).text + "\n"
  }
}
