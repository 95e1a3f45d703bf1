import CellData
import Clustering
import ModelStages
import Models
import StageSupport
import Tensors
import Training

/// The result of a method.
struct Clustered {
  /// From 0 to J − 1. (N)
  let labels: [Int]
  /// A second clustering of the same cells; nil without one. (N)
  var second: [Int]?
  /// How sure the cluster of each cell is; nil if no embedding shows it. (N)
  var confidence: [Float]?
  /// Why the filter trusts a cell or not; nil without a filter, and for cells that the model did
  /// not learn from. (N)
  var reliability: [Reliability?]?

  /// The space in which the confidence is measured.
  var confidenceSpace: ConfidenceSpace?
  /// The trained model; nil for a method without one.
  private var model: ModelClustering?

  init(labels: [Int]) { self.labels = labels }

  init(_ found: ModelClustering) {
    labels = found.division?.labels[0] ?? found.outcome.labels
    second = found.division?.labels[1]
    reliability = found.outcome.kept.filter?.reliability
    model = found
  }

  /// The clusters of all cells, which follow from the learners' clusters. The trained centers
  /// assign the other cells, or the nearest learners if the start is kept. Stores the codes of all
  /// cells and the results in `trained`.
  func extended(to cells: inout CellData, from learners: Learners, _ trained: CellData) throws
    -> Clustered
  {
    let coded = try model?.assign(cells)
    learners.store(trained, codes: coded?.codes, in: &cells)
    var result = Clustered(
      labels: try coded?.labels ?? learners.labelsOfAll(labels, in: cells.embedding(nil)))
    result.second = try second.map { try learners.labelsOfAll($0, in: cells.embedding(nil)) }
    result.reliability = reliability.map { learners.spread($0, over: cells.cellCount) }
    return result
  }

  /// `8 clusters of 120 to 1403 cells; reliable 83.1 %`
  func summary(of clusters: Int) -> String {
    var sizes = [Int](repeating: 0, count: clusters)
    for label in labels { sizes[label] += 1 }
    let empty = sizes.count { $0 == 0 }
    var text = clusterSizes(sizes)
    if empty > 0 { text += "; \(empty) of them empty" }
    if let reliability {
      let assessed = reliability.count { $0 != nil }
      for reason in Reliability.allCases {
        let share = Double(reliability.count { $0 == reason }) / Double(max(1, assessed))
        text += "; \(reason.name) \((share * 1000).rounded() / 10) %"
      }
    }
    return text
  }

  /// Tab-separated text with a header: barcode, cluster and, if there is one, confidence.
  func table(barcodes: [String]) -> String {
    clusterTable(
      barcodes: barcodes, { "\(labels[$0])" },
      confidence.map { values in [("confidence", { "\(values[$0])" })] } ?? [])
  }
}

extension CellData {
  /// Writes obs/KEY, `confidence` and `reliability`. A KEY other than `cluster` comes before their
  /// names.
  ///
  /// Removes columns that an earlier run of this stage wrote for the replaced clusters. Columns of
  /// clusters that the user has changed stay.
  mutating func store(_ found: Clustered, clusters: Int, key: String) -> OwnColumns {
    var columns = OwnColumns()
    let names = (0..<clusters).map(String.init)
    let prefix = key == "cluster" ? "" : key + "_"
    let codes = Buffer(found.labels.map { Int32($0) })
    let name = columns.write(
      .categorical(Categories(codes: codes, names: names)), "cluster", as: key, to: &self)
    for role in ["confidence", "reliability", "cluster_second"] {
      if name != key, let kept = column(role, beside: key) { columns.keep(kept) }
      if let old = column(role, beside: name), columns.isOwn(old, in: self) { obs[old] = nil }
    }
    settings[CellData.confidenceSetting(prefix)] = found.confidenceSpace.map {
      JSONValue.string($0.meaning).text
    }
    if let confidence = found.confidence {
      columns.write(
        .float32(Buffer(confidence)), "confidence", as: prefix + "confidence", to: &self)
    }
    if let reliability = found.reliability {
      let codes = Buffer(reliability.map { $0?.rawValue ?? -1 })
      columns.write(
        .categorical(Categories(codes: codes, names: Reliability.allCases.map(\.name))),
        "reliability", as: prefix + "reliability", to: &self)
    }
    if let second = found.second {
      let count = (second.max() ?? -1) + 1
      let codes = Buffer(second.map { Int32($0) })
      columns.write(
        .categorical(Categories(codes: codes, names: (0..<count).map(String.init))),
        "cluster_second", as: key + "_second", to: &self)
    }
    settings["uns.\(DottedName.escaped(name))_colors"] = storedColors(clusters)
    return columns
  }
}
