import CellData
import Metrics
import Plots
import StageSupport
import Tensors

/// The figures of one clustering.
struct Figures {
  /// Names and values in the order of the report.
  let report: Report
  /// The silhouette of the cells, if there is an embedding.
  let silhouette: Silhouette?
  /// The accuracy by confidence, if there are confidences and true labels.
  let confidence: ConfidenceCurve?
  /// The effect of the model's training on the features, if that is asked for.
  let diagnosis: Diagnosis?

  /// Computes what the data allow; a figure has no value if its embedding or graph is missing.
  ///
  /// With `bootstrap`, a number of samples, some figures get an interval: those that compare with
  /// the truth and the silhouette. The figures of a `diagnosis` follow the others.
  init(
    of cells: CellData, _ selection: Selection, embedding name: String?, batches key: String? = nil,
    bootstrap: Int? = nil,
    diagnosis: Diagnosis? = nil, seed: UInt64
  ) throws {
    let clustered = selection.clustered
    let labels = clustered.map { selection.clusters[$0] }
    let bootstrap = bootstrap.map { Bootstrap(replicates: $0, seed: seed) }
    var rows: [Report.Row] = [
      Report.Row("cells", count: clustered.count),
      Report.Row("clusters", count: Set(labels).count),
    ]
    if let pairs = selection.pairs {
      rows.append(Report.Row("labeled_cells", count: pairs.truth.count))
      rows.append(Report.Row("classes", count: Set(pairs.truth).count))
      rows += try Figures.agreement(pairs, bootstrap)
    }
    confidence = try selection.confidenceCurve()
    if let halves = confidence?.halves {
      rows.append(Report.Row("acc_confident", value: halves.surer))
      rows.append(Report.Row("acc_doubtful", value: halves.other))
    }
    var silhouette: Silhouette?
    if let points = try Figures.embedding(of: cells, name) {
      let points = clustered.count == points.rows ? points : points.selectingRows(clustered)
      silhouette = try Silhouette.compute(points, labels: labels, seed: seed)
      rows += [
        Report.Row(
          "silhouette", value: silhouette?.mean,
          interval: silhouette.flatMap { bootstrap?.interval(ofMean: $0.widths) }),
        Report.Row("davies_bouldin", value: try daviesBouldin(points, labels: labels)),
        Report.Row("calinski_harabasz", value: try calinskiHarabasz(points, labels: labels)),
      ]
    }
    if let graph = cells.obsp["connectivities"] {
      try graph.requireFinite("obsp.connectivities")
      rows.append(
        Report.Row("modularity", value: try Figures.modularity(selection.clusters, graph)))
    }
    if let key {
      let known = Dictionary(uniqueKeysWithValues: rows.map { ($0.name, $0.number) })
      rows +=
        try BatchFigures(
          of: cells, selection, key: key, embedding: name,
          agreement: (known["nmi"] ?? nil, known["ari"] ?? nil), seed: seed
        ).rows
    }
    self.silhouette = silhouette
    self.diagnosis = diagnosis
    report = Report(
      rows: rows + (diagnosis?.rows ?? []), replicates: bootstrap?.replicates,
      gradients: diagnosis?.json)
  }

  /// The share of correct cells among those of highest confidence; nil without confidences or true
  /// labels.
  var confidencePanel: Panel? {
    guard let accuracies = confidence?.accuracies else { return nil }
    let shares = accuracies.indices.map { 100 * ($0 + 1) / accuracies.count }
    return .losses(
      LossChart(
        title: "Accuracy by confidence",
        phases: [
          .init(
            title: "share of cells in the cluster of their true label",
            terms: [("accuracy", accuracies)],
            epochs: shares, axis: "% of the cells, most confident first", showing: [0, 1])
        ]))
  }

  private static func agreement(
    _ pairs: (truth: [Int], predicted: [Int]), _ bootstrap: Bootstrap?
  ) throws -> [Report.Row] {
    let table = try ContingencyTable(truth: pairs.truth, predicted: pairs.predicted)
    let intervals = Dictionary(
      uniqueKeysWithValues: bootstrap?.intervals(of: table).map { ($0.key, $0.interval) } ?? [])
    return Agreement(table).named.map {
      Report.Row($0.key, value: $0.value, interval: intervals[$0.key])
    }
  }

  private static func embedding(of cells: CellData, _ name: String?) throws -> Matrix<Float>? {
    guard let name = name ?? cells.defaultEmbedding else { return nil }
    return try cells.embedding(named: name)
  }

  /// Cells without a cluster, and their edges, are left out.
  private static func modularity(_ clusters: [Int], _ graph: SparseMatrix<Float>) throws -> Double?
  {
    let kept = clusters.indices.filter { clusters[$0] >= 0 }
    if kept.count == clusters.count { return try Metrics.modularity(of: clusters, on: graph) }
    let part = graph.selecting(rows: kept, columns: kept)
    return try Metrics.modularity(of: kept.map { clusters[$0] }, on: part)
  }
}
