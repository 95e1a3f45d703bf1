// Agglomeration by the chain of nearest neighbors (Murtagh 1983): quadratic in time and memory. A
// search for the most similar pair before every merge would be cubic. Average and complete linkage
// allow the chain. A merged group is no more similar to a third than the more similar of its parts
// was.

import Tensors

/// The similarity of two sets of groups.
enum LinkageRule: Sendable {
  /// The mean over all pairs of their cells (Sokal and Michener 1958).
  case average
  /// The least similar pair (Sørensen 1948).
  case complete
}

/// The order in which groups are merged, the most similar first.
///
/// M groups of any sizes.
struct GroupLinkage: Sendable {
  /// Two groups whose sets were merged, and the similarity of the sets.
  struct Merge: Sendable {
    let first: Int
    let second: Int
    let similarity: Double
  }

  let sizes: [Int]
  /// By falling similarity. (M − 1)
  let merges: [Merge]

  /// Takes the similarities (M, M), symmetric, and the sizes of the groups. O(M²).
  init(_ similarities: Matrix<Double>, sizes: [Int], _ rule: LinkageRule) {
    self.sizes = sizes
    var chain = NeighborChain(similarities, sizes, rule)
    var found: [Merge] = []
    while let merge = chain.next() { found.append(merge) }
    // Equal merges keep their order, so that the parts come before the whole.
    merges = found.enumerated().sorted {
      $0.element.similarity != $1.element.similarity
        ? $0.element.similarity > $1.element.similarity : $0.offset < $1.offset
    }.map(\.element)
  }

  /// The sets after the first merges: for every group the group that represents its set. (M)
  func sets(afterMerges count: Int) -> [Int] {
    var sets = DisjointSets(count: sizes.count)
    for merge in merges.prefix(count) { sets.union(merge.first, merge.second) }
    return sizes.indices.map { sets.root(of: $0) }
  }
}

/// The state of the agglomeration.
private struct NeighborChain {
  private var similarities: Matrix<Double>
  private var weights: [Double]
  private let rule: LinkageRule
  /// The groups that represent their sets, rising.
  private var left: [Int]
  private var chain: [Int] = []

  init(_ similarities: Matrix<Double>, _ sizes: [Int], _ rule: LinkageRule) {
    (self.similarities, self.rule) = (similarities, rule)
    weights = sizes.map(Double.init)
    left = Array(sizes.indices)
  }

  /// The next merge; nil when one group remains.
  mutating func next() -> GroupLinkage.Merge? {
    if left.count < 2 { return nil }
    if chain.isEmpty { chain.append(left[0]) }
    while true {
      let tip = chain[chain.count - 1]
      let last = chain.count > 1 ? chain[chain.count - 2] : nil
      let (nearest, similarity) = nearest(to: tip, preferring: last)
      if nearest == last {
        chain.removeLast(2)
        merge(min(tip, nearest), max(tip, nearest))
        return GroupLinkage.Merge(
          first: min(tip, nearest), second: max(tip, nearest), similarity: similarity)
      }
      chain.append(nearest)
    }
  }

  /// The most similar of the others; among equals the preferred one, or else the first.
  private func nearest(to group: Int, preferring preferred: Int?) -> (Int, Double) {
    let row = similarities.row(group)
    var best = preferred ?? (left[0] == group ? left[1] : left[0])
    for other in left where other != group && row[other] > row[best] { best = other }
    return (best, row[best])
  }

  /// Merges the second set into the first: s(a ∪ b, c) = (n_a s(a, c) + n_b s(b, c)) / (n_a + n_b),
  /// or the lesser of s(a, c) and s(b, c).
  private mutating func merge(_ a: Int, _ b: Int) {
    let total = weights[a] + weights[b]
    for c in left where c != a && c != b {
      let (ofA, ofB) = (similarities[a, c], similarities[b, c])
      let joint =
        switch rule {
        case .average: (weights[a] * ofA + weights[b] * ofB) / total
        case .complete: min(ofA, ofB)
        }
      similarities[a, c] = joint
      similarities[c, a] = joint
    }
    weights[a] = total
    left.removeAll { $0 == b }
  }
}
