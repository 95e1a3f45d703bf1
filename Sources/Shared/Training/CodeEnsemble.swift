import Clustering
import Tensors

/// Partitions of the same cells by the codes of several models, and their agreement.
///
/// N cells, J clusters, R models. Some thirty cheap final steps without labels were compared. Only
/// the consensus was near the best of its members on every labeled set. Several sets of members
/// were compared; their order changes from seed to seed by chance alone.
package struct CodeEnsemble: Sendable {
  /// Four partitions of each model by k-means: two of its codes, two of its smoothed codes. For
  /// very many cells only the first two. (4 R of N)
  package let members: [[Int]]
  /// The consensus, by average linkage. (N)
  package let labels: [Int]

  /// More cells than this are partitioned by their codes without smoothing. To find all
  /// neighborhoods would take longer than the training.
  private static let mostSmoothed = 200_000

  /// Partitions the codes (N, D_r) of each model.
  ///
  /// - Throws: `ClusteringFault` if there are fewer cells than clusters, or codes that are not
  ///   finite.
  package init(of codes: [Matrix<Float>], clusters: Int, seed: UInt64) throws {
    guard clusters >= 1 && clusters <= codes[0].rows else {
      throw ClusteringFault.clusterCount(clusters, cells: codes[0].rows)
    }
    let smooths = codes[0].rows <= Self.mostSmoothed
    let views = try codes.flatMap { smooths ? [$0, try smoothed($0, seed: seed)] : [$0] }
    members = try sideBySide(2 * views.count, width: .max) { number throws(ClusteringFault) in
      try KMeans.fit(
        views[number / 2], clusters: clusters, seed: seed.stream(.member, number % 2),
        options: KMeans.Options(restarts: 3)
      ).labels
    }
    do {
      labels = try ConsensusClustering.combine(members, clusters: clusters, seed: seed).labels
    } catch ClusteringFault.partitionsTooAlike {
      labels = members[0]
    }
  }

  /// Takes the results of an earlier run.
  init(members: [[Int]], labels: [Int]) {
    self.members = members
    self.labels = labels
  }

  /// The mean adjusted Rand index of a partition with the members. It measures how much it shares
  /// with them (Strehl and Ghosh 2002, with this index instead of mutual information).
  package func agreement(with labels: [Int]) -> Double {
    meanAgreement(of: labels, with: members)
  }

  /// The mean adjusted Rand index of the members with each other; 1 for a single one.
  package var mutualAgreement: Double {
    let pairs = members.indices.flatMap { i in (0..<i).map { (i, $0) } }
    if pairs.isEmpty { return 1 }
    let found = parallelMap(pairs.count, tileSize: 4) { pair in
      adjustedRandIndex(members[pairs[pair].0], members[pairs[pair].1])
    }
    return found.reduce(0, +) / Double(pairs.count)
  }
}

/// The mean adjusted Rand index of a partition with others.
func meanAgreement(of labels: [Int], with members: [[Int]]) -> Double {
  members.reduce(0.0) { $0 + adjustedRandIndex($1, labels) } / Double(members.count)
}
