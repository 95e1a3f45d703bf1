import CellData
import Metrics
import StageSupport
import Tensors

/// The cells that are scored: those with a cluster; for the figures with true labels, those with a
/// label that is not left out.
struct Selection {
  /// The cluster of every cell, −1 for a missing one. (N)
  let clusters: [Int]
  /// The true labels without those that are left out: their cells have none. Nil without true
  /// labels.
  let labels: Categories?
  /// The true label of every cell, −1 if it is missing or left out; nil without true labels. (N)
  var truth: [Int]? { labels.map { $0.codes.map { Int($0) } } }
  /// The confidence of sc-cluster in these clusters; nil if it did not write them, or if a scored
  /// cell has none. (N)
  let confidence: [Double]?
  /// The first scored cell without a confidence, and what it has instead.
  private let withoutConfidence: (cell: String, value: Double)?
  /// How many cells have no cluster, no label, or one that is left out.
  private let missing: (clusters: Int, labels: Int, ignored: Int)

  /// Throws kind `badData` for columns that are not there or are no classes, and for a label to
  /// leave out that no cell has.
  init(
    _ cells: CellData, clusters column: String, labels: String?, ignoring ignored: [String]
  ) throws {
    let found = try cells.obs.classes(column, option: "--clusters-column")
    clusters = found.codes.map { Int($0) }
    let clusters = clusters
    let numbers = cells.confidence(ofClusters: column)?.numbers
    let bad = numbers.flatMap { numbers in
      numbers.indices.first { clusters[$0] >= 0 && !numbers[$0].isFinite }
    }
    withoutConfidence = bad.map { (cells.obs.index[$0], numbers?[$0] ?? .nan) }
    confidence = bad == nil ? numbers : nil
    let withoutCluster = clusters.count { $0 < 0 }
    guard let labels else {
      self.labels = nil
      missing = (withoutCluster, 0, 0)
      return
    }
    let classes = try cells.obs.classes(labels, option: "--labels")
    for name in ignored where !classes.names.contains(name) {
      throw StageFault(
        .badData,
        "obs/\(labels): no cell is '\(name)' (--ignore); there are \(listed(classes.names))")
    }
    let kept = classes.without(ignored)
    self.labels = kept
    let withoutLabel = classes.codes.count { $0 < 0 }
    missing = (withoutCluster, withoutLabel, kept.codes.count { $0 < 0 } - withoutLabel)
  }

  /// Reports how many cells are left out, and why; and that a confidence is not used.
  func announce(on log: Log) {
    if let (cell, value) = withoutConfidence {
      log.note("the confidence is not used: cell '\(cell)' has \(value)")
    }
    let parts = [
      (missing.clusters, "without a cluster", "which have no cluster"),
      (missing.labels, "without a label", "which have no label"),
      (missing.ignored, "with an ignored label", "whose label is ignored"),
    ].filter { $0.0 > 0 }
    if parts.isEmpty { return }
    let isOfLabels = missing.labels + missing.ignored > 0
    let others =
      isOfLabels
      ? "; metrics without labels, such as silhouette and modularity, leave out only cells without a cluster"
      : ""
    let all = "of \(counted(clusters.count, "cell"))"
    if parts.count == 1 {
      log.note("left out \(parts[0].0) \(all), \(parts[0].2)\(others)")
    } else {
      let text = parts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
      log.note("left out, \(all): \(text)\(others)")
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
  func confidenceCurve() throws -> ConfidenceCurve? {
    guard let confidence, let truth, let scored, !scored.isEmpty else { return nil }
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
