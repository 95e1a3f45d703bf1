import Clustering
import Tensors

/// Partitions of the same cells by the codes of several models, and what they have in common.
///
/// N cells, J clusters, R models. Of twelve cheap ways to end without labels, the consensus was the one that was near the best of
/// its members on every labeled set.
package struct CodeEnsemble: Sendable {
  /// k-means of each model's codes into J clusters. (R of N)
  package let members: [[Int]]
  /// k-means of each into 2 J clusters: what J clusters tear apart or lump together by chance. (R of N)
  let finer: [[Int]]
  /// The consensus of both, by average linkage. (N)
  package let labels: [Int]

  /// Partitions the codes (N, D_r) of each model.
  ///
  /// - Throws: `ClusteringFault` where there are fewer cells than clusters, or codes that are not finite.
  package init(of codes: [Matrix<Float>], clusters: Int, seed: UInt64) throws(ClusteringFault) {
    let counts = [clusters, min(2 * clusters, codes[0].rows)]
    let partitions = try sideBySide(2 * codes.count, width: .max) {
      number throws(ClusteringFault) in
      try KMeans.fit(
        codes[number % codes.count], clusters: counts[number / codes.count], seed: seed,
        options: KMeans.Options(restarts: 10)
      ).labels
    }
    members = Array(partitions.prefix(codes.count))
    finer = Array(partitions.suffix(codes.count))
    do {
      labels = try ConsensusClustering.combine(members + finer, clusters: clusters, seed: seed)
        .labels
    } catch ClusteringFault.partitionsTooAlike {
      labels = members[0]
    }
  }

  /// Takes over what was found before.
  init(members: [[Int]], finer: [[Int]], labels: [Int]) {
    self.members = members
    self.finer = finer
    self.labels = labels
  }

  /// The mean adjusted Rand index of a partition with the members: how much it has in common with them (Strehl and Ghosh 2002, with the
  /// index in the place of mutual information).
  package func agreement(with labels: [Int]) -> Double {
    members.reduce(0.0) { $0 + adjustedRandIndex($1, labels) } / Double(members.count)
  }

  /// The share of the partitions that put a cell together with the others of its cluster, on average. (N)
  package func confidence(in labels: [Int]) throws(ClusteringFault) -> [Float] {
    try ConsensusClustering.confidence(of: members + finer, in: labels)
  }
}
