// The tree of the clusters in uns/dendrogram. It holds as long as the clusters that it was made of.

import CellData
import Clustering
import StageSupport
import Tensors

extension CellData {
  /// uns/dendrogram: scipy's linkage (K − 1, 4), the names of the clusters and their order from
  /// left to right.
  mutating func store(_ tree: ClusterTree, _ names: [String], space: String) {
    clearUns("dendrogram")
    if !tree.nodes.isEmpty {
      tensors["uns.dendrogram.linkage"] = Tensor(
        Matrix(
          tree.nodes.map { [Float($0.first), Float($0.second), Float($0.height), Float($0.size)] }))
    }
    settings["uns.dendrogram.names"] = JSONValue.array(names.map { .string($0) }).text
    settings["uns.dendrogram.order"] =
      JSONValue.array(tree.leaves.map { .string(names[$0]) }).text
    settings["uns.dendrogram.use_rep"] = JSONValue.string(space).text
  }

  /// The column of the clusters that sc-cluster wrote under that name, and what it holds.
  func storedClusters(_ key: String) -> (column: String, classes: Categories?) {
    let column = ownColumn("cluster", called: key) ?? key
    return (column, obs[column]?.classes)
  }

  /// Takes uns/dendrogram out if it is the tree of the clusters that were in that column before,
  /// and it has others now. Prints a note.
  mutating func removeTree(of earlier: (column: String, classes: Categories?), _ log: Log) {
    guard let before = earlier.classes, let names = settings["uns.dendrogram.names"],
      before != obs[earlier.column]?.classes
    else { return }
    let used = Set(before.codes)
    let own = before.names.indices.filter { used.contains(Int32($0)) }
    guard names == JSONValue.array(own.map { .string(before.names[$0]) }).text else { return }
    clearUns("dendrogram")
    log.note("removed uns/dendrogram, the tree of the earlier clusters; --tree writes a new one")
  }
}
