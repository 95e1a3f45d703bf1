import CellData
import StageSupport
import Tensors

/// The subject of a run. Runs are compared as seeds of one run only if it is the same.
struct RunSubject {
  /// A digest of the names of the cells, in any order.
  let cells: String
  /// Whether a stage in the history wrote the clusters: the history does not describe others.
  let hasOwnClusters: Bool

  init(_ cells: CellData, clusters column: String) {
    let names = cells.obs.index.sorted().joined(separator: "\u{0}")
    self.cells = "\(cells.cellCount) \(crc32(Array(names.utf8).span))"
    hasOwnClusters = cells.isOwn(column)
  }
}
