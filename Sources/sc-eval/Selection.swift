import CellData
import Metrics
import StageSupport
import Tensors

/// The cells that are scored: those with a cluster; for the figures with true labels, those with a
/// label that is not left out.
struct Selection {
  /// The cluster of every cell, −1 for a missing one. (N)
  let clusters: [Int]
  /// The true label of every cell, −1 if it is missing or left out; nil without true labels. (N)
  let truth: [Int]?
  /// The confidence of sc-cluster in these clusters; nil if it did not write them. (N)
  private let confidence: [Double]?
  /// How many cells have no cluster, no label, or one that is left out.
  private let missing: (clusters: Int, labels: Int, ignored: Int)

  /// Throws kind `badData` for columns that are not there or are no classes, and for a label to
  /// leave out that no cell has.
  init(
    _ cells: CellData, clusters column: String, labels: String?, ignoring ignored: [String]
  ) throws {
    let found = try cells.obs.classes(column, option: "--clusters-column")
    clusters = found.codes.map { Int($0) }
    confidence = cells.confidence(ofClusters: column)?.numbers
    let withoutCluster = clusters.count { $0 < 0 }
    guard let labels else {
      truth = nil
      missing = (withoutCluster, 0, 0)
      return
    }
    let classes = try cells.obs.classes(labels, option: "--labels")
    for name in ignored where !classes.names.contains(name) {
      throw StageFault(
        .badData,
        "obs/\(labels): no cell is '\(name)' (--ignore); there are \(listed(classes.names))")
    }
    let left = Set(ignored.compactMap { classes.names.firstIndex(of: $0) })
    let codes = classes.codes.map { Int($0) }
    truth = codes.map { left.contains($0) ? -1 : $0 }
    missing = (withoutCluster, codes.count { $0 < 0 }, codes.count { left.contains($0) })
  }

  /// Reports how many cells are left out, and why.
  func announce(on log: Log) {
    let parts = [
      (missing.clusters, "without a cluster", "which have no cluster"),
      (missing.labels, "without a label", "which have no label"),
      (missing.ignored, "with an ignored label", "whose label is ignored"),
    ].filter { $0.0 > 0 }
    if parts.isEmpty { return }
    let all = "of \(counted(clusters.count, "cell"))"
    if parts.count == 1 {
      log.note("left out \(parts[0].0) \(all), \(parts[0].2)")
    } else {
      let text = parts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
      log.note("left out, \(all): \(text)")
    }
  }

  /// The cells with a true label and a cluster; nil without true labels.
  private var scored: [Int]? {
    truth.map { truth in truth.indices.filter { truth[$0] >= 0 && clusters[$0] >= 0 } }
  }

  /// The true and the predicted labels of the cells that have both.
  var pairs: (truth: [Int], predicted: [Int])? {
    guard let truth, let scored else { return nil }
    return (scored.map { truth[$0] }, scored.map { clusters[$0] })
  }

  /// The accuracy by confidence: a cell is right if its cluster is matched with its type. Nil
  /// without confidences or without true labels.
  func confidenceCurve(of cells: CellData) throws -> ConfidenceCurve? {
    guard let confidence, let truth, let scored, !scored.isEmpty else { return nil }
    if let cell = scored.first(where: { !confidence[$0].isFinite }) {
      throw StageFault(
        .badData,
        "confidence: cell '\(cells.obs.index[cell])' has \(confidence[cell]); run sc-cluster again")
    }
    let matching = try ContingencyTable(
      truth: scored.map { truth[$0] }, predicted: scored.map { clusters[$0] }
    ).matching
    return ConfidenceCurve(
      isRight: scored.map { matching[clusters[$0]] == truth[$0] },
      confidence: scored.map { confidence[$0] })
  }

  /// The cells with a cluster.
  var clustered: [Int] { clusters.indices.filter { clusters[$0] >= 0 } }
}
