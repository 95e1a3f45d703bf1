// The tree of clusters by average linkage of their means, as scipy's linkage computes it (UPGMA,
// Sokal and Michener 1958). It is not weighted by the clusters' numbers of cells: each cluster
// counts once.

import Tensors

/// A tree of clusters.
package struct ClusterTree: Sendable {
  /// Two nodes that are joined.
  package struct Node: Sendable, Equatable {
    /// Below K a cluster, else the node of number − K; the lower first.
    package let first: Int
    package let second: Int
    /// The mean distance between the clusters of both.
    package let height: Double
    /// The number of clusters below it.
    package let size: Int
  }

  package let clusters: Int
  /// By rising height. (K − 1)
  package let nodes: [Node]

  /// The tree of the means of clusters by their Euclidean distances. (K, d)
  package init(of means: Matrix<Double>) {
    clusters = means.rows
    let distances = Matrix<Double>(
      rows: clusters, columns: clusters,
      elements: Buffer(
        (0..<clusters * clusters).map { place in
          -ClusterTree.distance(means, place / means.rows, place % means.rows)
        }))
    let linkage = GroupLinkage(distances, sizes: [Int](repeating: 1, count: clusters), .average)
    var sets = DisjointSets(count: clusters)
    var number = Array(0..<clusters)
    var sizes = [Int](repeating: 1, count: clusters)
    var found: [Node] = []
    for merge in linkage.merges {
      let (a, b) = (sets.root(of: merge.first), sets.root(of: merge.second))
      let size = sizes[a] + sizes[b]
      found.append(
        Node(
          first: min(number[a], number[b]), second: max(number[a], number[b]),
          height: -merge.similarity, size: size))
      sets.union(a, b)
      let root = sets.root(of: a)
      number[root] = clusters + found.count - 1
      sizes[root] = size
    }
    nodes = found
  }

  private static func distance(_ means: Matrix<Double>, _ i: Int, _ j: Int) -> Double {
    var sum = 0.0
    for d in 0..<means.columns {
      let difference = means[i, d] - means[j, d]
      sum += difference * difference
    }
    return sum.squareRoot()
  }

  /// The clusters in an order in which the branches of the tree do not cross.
  package var leaves: [Int] {
    if clusters == 0 { return [] }
    return leaves(below: clusters + nodes.count - 1)
  }

  private func leaves(below node: Int) -> [Int] {
    var (result, stack) = ([Int](), [node])
    while let next = stack.popLast() {
      if next < clusters {
        result.append(next)
      } else {
        let both = nodes[next - clusters]
        stack += [both.second, both.first]
      }
    }
    return result
  }

  /// The tree in Newick's format, on one line: names in quotation marks, lengths of branches after
  /// a colon. All leaves have the same depth.
  package func newick(_ names: [String]) -> String {
    precondition(names.count == clusters, "\(names.count) names of \(clusters) clusters")
    if clusters == 0 { return ";" }
    func quoted(_ name: String) -> String {
      "'" + name.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
        + "'"
    }
    // For every node so far its text and its height.
    var parts = names.map { (text: quoted($0), height: 0.0) }
    for node in nodes {
      let (a, b) = (parts[node.first], parts[node.second])
      let half = node.height / 2
      parts.append(
        (
          "(\(a.text):\(max(0, half - a.height)),\(b.text):\(max(0, half - b.height)))",
          max(half, a.height, b.height)
        ))
    }
    return parts[parts.count - 1].text + ";"
  }
}

/// The mean point of every cluster; 0 for one without points. (J, d)
package func means(of points: Matrix<Float>, _ labels: [Int], clusters: Int) -> Matrix<Double> {
  var sizes = [Int](repeating: 0, count: clusters)
  for label in labels where label >= 0 { sizes[label] += 1 }
  var result = Matrix<Double>.zeros(clusters, points.columns)
  for (i, label) in labels.enumerated() where label >= 0 {
    for d in 0..<points.columns { result[label, d] += Double(points[i, d]) / Double(sizes[label]) }
  }
  return result
}
