// Whether a graph is the one that a stage made: sc-knn notes a digest of it in its line of provenance, and a later stage compares.

import CellData
import Tensors

extension CellData {
  /// The name of the digest among the settings of sc-knn.
  package static let graphSetting = "graph"

  /// A digest of the neighbors of all cells with their distances, in whatever order a row has them; nil without a graph.
  package var graphDigest: String? {
    guard let graph = obsp["distances"] else { return nil }
    var sum: UInt64 = 0
    for i in 0..<graph.rows {
      for k in graph.range(ofRow: i) where graph.values[k] != 0 {
        let edge = UInt64(i) << 32 | UInt64(UInt32(bitPattern: graph.indices[k]))
        sum &+= mixed(mixed(edge) ^ UInt64(graph.values[k].bitPattern))
      }
    }
    return hexadecimal(UInt32(truncatingIfNeeded: sum >> 32 ^ sum), width: 8)
  }

  /// What a user should know of where the graph comes from; nil where sc-knn made it from these values and nothing has changed it since.
  package var graphRemark: String? {
    guard obsp["distances"] != nil else {
      if obsp["connectivities"] == nil { return nil }
      return "there are no distances in obsp: the neighbors are those of obsp/connectivities"
    }
    let remedy = "run sc-knn for a graph of these values"
    guard let place = history.lastIndex(where: { $0.tool == "sc-knn" }) else {
      return "the graph in obsp/distances was not made by sc-knn and is used as it is; \(remedy)"
    }
    let settings = history[place].settings
    if let known = settings[Self.graphSetting], let own = graphDigest, known != "\"\(own)\"" {
      return "the graph in obsp/distances is not the one that sc-knn made; \(remedy)"
    }
    if history[place...].contains(where: { $0.tool == "sc-preprocess" }) {
      return "the values were prepared again after sc-knn made the graph; \(remedy)"
    }
    guard let use = settings["use"], use != "null" else { return nil }
    return "the graph is one of the embedding \(use) (sc-knn --use), not of these values"
  }
}

/// The bits well mixed (Steele, Lea and Flood 2014).
private func mixed(_ value: UInt64) -> UInt64 {
  var z = value &+ 0x9E37_79B9_7F4A_7C15
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}
