// Whether a graph is still the one that sc-knn made. sc-knn records a digest of it in the
// provenance, and later stages compare.

import CellData
import Tensors

extension CellData {
  /// The setting of sc-knn with the graph's digest.
  package static let graphSetting = "graph"
  /// The setting of sc-knn with the digest of the values under the graph.
  package static let valuesSetting = "values"

  /// A digest of the neighbors of all cells with their distances, in any order within a row; nil
  /// without a graph.
  package var graphDigest: String? {
    obsp["distances"].map { graph in
      var digest = Digest()
      digest.add(graph)
      return digest.text
    }
  }

  /// A digest of X, sparse or dense; nil without X.
  package var valuesDigest: String? {
    guard let x else { return nil }
    var digest = Digest()
    switch x {
    case .sparse(let values): digest.add(values)
    case .dense(let values):
      for i in 0..<values.rows {
        for j in 0..<values.columns { digest.add(i, Int32(j), values[i, j]) }
      }
    }
    return digest.text
  }

  /// The name of `cellDigests` among the settings of sc-pretrain.
  package static let cellDigestsSetting = "crc.X.cells"

  /// The names of eight cells, spread over all, each with a digest of its values in X, as JSON
  /// text; nil without X. They show changed values even if cells were left out or reordered.
  package var cellDigests: String? {
    guard let x else { return nil }
    let count = min(8, cellCount)
    let rows = (0..<count).map { $0 * cellCount / count }
    return JSONText.array(of: rows.flatMap { [obs.index[$0], x.digest(ofRow: $0)] })
  }

  /// Whether one of the cells in `cellDigests` of an earlier stage is there with other values.
  package func hasOtherValues(than digests: String) -> Bool {
    guard let x, let texts = JSONText.strings(in: digests), texts.count % 2 == 0 else {
      return false
    }
    return stride(from: 0, to: texts.count, by: 2).contains { place in
      obs.index.firstIndex(of: texts[place]).map { x.digest(ofRow: $0) != texts[place + 1] }
        ?? false
    }
  }

  /// A remark on the origin of the graph; nil if sc-knn made it from these values and it is
  /// unchanged.
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
      return "the values were preprocessed again after sc-knn made the graph; \(remedy)"
    }
    if let use = settings["use"], use != "null" {
      return "the graph is one of the embedding \(use) (sc-knn --use), not of these values"
    }
    guard let known = settings[Self.valuesSetting], let own = valuesDigest else { return nil }
    return known == "\"\(own)\""
      ? nil : "the values were changed after sc-knn made the graph; \(remedy)"
  }
}

extension MatrixValues {
  fileprivate func digest(ofRow row: Int) -> String {
    var digest = Digest()
    switch self {
    case .sparse(let values):
      for k in values.range(ofRow: row) { digest.add(0, values.indices[k], values.values[k]) }
    case .dense(let values):
      for j in 0..<values.columns { digest.add(0, Int32(j), values[row, j]) }
    }
    return digest.text
  }
}

/// A digest of the nonzero entries of a matrix, in any order.
private struct Digest {
  private var sum: UInt64 = 0

  mutating func add(_ row: Int, _ column: Int32, _ value: Float) {
    guard value != 0 else { return }
    let place = UInt64(row) << 32 | UInt64(UInt32(bitPattern: column))
    sum &+= mixed(mixed(place) ^ UInt64(value.bitPattern))
  }

  mutating func add(_ matrix: SparseMatrix<Float>) {
    for i in 0..<matrix.rows {
      for k in matrix.range(ofRow: i) { add(i, matrix.indices[k], matrix.values[k]) }
    }
  }

  var text: String { hexadecimal(UInt32(truncatingIfNeeded: sum >> 32 ^ sum), width: 8) }
}

/// The bits well mixed (Steele, Lea and Flood 2014).
private func mixed(_ value: UInt64) -> UInt64 {
  var z = value &+ 0x9E37_79B9_7F4A_7C15
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}
