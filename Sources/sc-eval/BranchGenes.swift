// The genes that separate the branches of the tree of clusters. At every node the cells below one
// branch are compared with those below the other, by the test that ranks marker genes.

import CellData
import Clustering
import Markers
import StageSupport
import Tensors

/// The tree of the clusters' means.
struct TreeOfClusters {
  let tree: ClusterTree
  /// The clusters that have cells: their codes.
  let clusters: [Int]

  /// Nil without an embedding, or with fewer than two clusters.
  init?(_ cells: CellData, _ clusters: Categories, embedding name: String?) throws {
    guard let name = name ?? cells.defaultEmbedding else { return nil }
    let points = try cells.embedding(named: name)
    let codes = clusters.codes.map { Int($0) }
    let present = Set(codes.lazy.filter { $0 >= 0 }).sorted()
    guard present.count > 1 else { return nil }
    var number = [Int](repeating: -1, count: clusters.names.count)
    for (place, code) in present.enumerated() { number[code] = place }
    tree = ClusterTree(
      of: means(
        of: points, codes.map { $0 < 0 ? -1 : number[$0] }, clusters: present.count))
    self.clusters = present
  }

  /// The codes of the clusters below a branch: a cluster, or the node of number − K.
  func members(_ branch: Int) -> [Int] {
    if branch < clusters.count { return [clusters[branch]] }
    let node = tree.nodes[branch - clusters.count]
    return members(node.first) + members(node.second)
  }
}

/// For every node of the tree the genes that are higher in one branch than in the other.
struct BranchGenes {
  /// For each node the leading genes of both branches.
  private let rankings: [[[MarkerGenes.Entry]]]
  private let tree: TreeOfClusters
  private let names: [String]
  private let expression: Expression

  /// Genes of a branch are named up to this rate of false discoveries.
  private static let rate = 0.05

  /// At most `count` genes a branch.
  init(_ tree: TreeOfClusters, _ expression: Expression, clusters: Categories, count: Int) throws {
    (self.tree, self.expression, names) = (tree, expression, clusters.names)
    let codes = clusters.codes.map { Int($0) }
    rankings = try tree.tree.nodes.map { node in
      let (first, second) = (Set(tree.members(node.first)), Set(tree.members(node.second)))
      let rows = codes.indices.filter { first.contains(codes[$0]) || second.contains(codes[$0]) }
      let genes = try MarkerGenes(
        expression.values.selectingRows(rows),
        labels: rows.map { first.contains(codes[$0]) ? 0 : 1 })
      return genes.ranking.map { ranking in
        Array(
          ranking.lazy.filter { $0.score > 0 && $0.adjustedPValue <= BranchGenes.rate }
            .prefix(count))
      }
    }
  }

  /// The two leading genes of a branch (0 or 1) of a node.
  func label(_ node: Int, _ branch: Int) -> String {
    rankings[node][branch].prefix(2).map { expression.genes.index[$0.gene] }
      .joined(separator: ", ")
  }

  /// A line for each node, branch and gene.
  var text: String {
    var lines = ["node\theight\tbranch\tsibling\t" + MarkerTable.heading]
    for (place, node) in tree.tree.nodes.enumerated() {
      let sides = [node.first, node.second].map { branch in
        tree.members(branch).map { names[$0].printable }.joined(separator: ",")
      }
      for branch in 0..<2 {
        let start = "\(place + 1)\t\(node.height)\t\(sides[branch])\t\(sides[1 - branch])\t"
        for (rank, entry) in rankings[place][branch].enumerated() {
          lines.append(start + MarkerTable.line(rank, entry, expression.genes.index[entry.gene]))
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
