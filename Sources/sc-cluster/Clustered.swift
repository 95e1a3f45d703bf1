import CellData
import ModelStages
import Models
import StageSupport
import Tensors

/// Opens the checkpoints of a run, once a method knows its own settings.
typealias CheckpointsOpening = ([(String, JSONValue)]) throws -> Checkpoints

/// What any method found.
struct Clustered {
  /// From 0 to J − 1. (N)
  let labels: [Int]
  /// How sure the method is; nil where it cannot tell. (N)
  var confidence: [Float]?
  /// Why a cell is trusted or not; nil without a filter. (N)
  var reliability: [Reliability]?

  /// `8 clusters of 120 to 1,403 cells; 83.1 % of the cells are reliable`
  func summary(of clusters: Int) -> String {
    var sizes = [Int](repeating: 0, count: clusters)
    for label in labels { sizes[label] += 1 }
    let empty = sizes.count { $0 == 0 }
    var text =
      "\(clusters) clusters of \(sizes.min() ?? 0) to \(sizes.max() ?? 0) cells"
    if empty > 0 { text += "; \(empty) of them empty" }
    if let reliability {
      for reason in Reliability.allCases {
        let share = Double(reliability.count { $0 == reason }) / Double(max(1, labels.count))
        text += "; \(reason.name) \((share * 1000).rounded() / 10) %"
      }
    }
    return text
  }

  /// Barcode, cluster and, where there is one, confidence: tab-separated text with a header.
  func table(barcodes: [String]) -> String {
    var lines = [confidence == nil ? "barcode\tcluster" : "barcode\tcluster\tconfidence"]
    for (i, barcode) in barcodes.enumerated() {
      lines.append("\(barcode.printable)\t\(labels[i])" + (confidence.map { "\t\($0[i])" } ?? ""))
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension CellData {
  /// Writes obs/cluster and what else the method told; takes out what an earlier run told of other clusters.
  mutating func store(_ found: Clustered, clusters: Int) {
    obs["cluster"] = .categorical(
      Categories(
        codes: Buffer(found.labels.map { Int32($0) }), names: (0..<clusters).map(String.init)))
    obs["confidence"] = found.confidence.map { .float32(Buffer($0)) }
    obs["reliability"] = found.reliability.map { reasons in
      .categorical(
        Categories(
          codes: Buffer(reasons.map(\.rawValue)), names: Reliability.allCases.map(\.name)))
    }
  }
}
