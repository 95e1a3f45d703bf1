// Modularity on a graph rises and falls with the number of clusters, but it is too high for
// partitions made from that same graph. Here partitions are made from the models' codes, and the
// graph of cells scores them. On noise its modularity is below 0.05, on one gradient below 0.3.

import Clustering
import Metrics
import Neighbors
import Tensors

/// The numbers of clusters that the codes of several models support, compared by a graph that no
/// partition was made from.
package struct SupportedCounts: Sendable {
  package struct Candidate: Sendable, Equatable {
    /// K.
    package let clusters: Int
    /// The modularity of the joint partition of all models' codes into K clusters, on the graph of
    /// cells.
    package let modularity: Double
    /// The adjusted Rand index between the joint partition of every other model and that of the
    /// rest.
    package let stability: Double
    /// Whether two conditions hold. The modularity is within 5 % of the highest. Further splits
    /// gain less than two thirds of the gain for separate clusters.
    package let isSupported: Bool
  }

  /// The fewest that are supported; 1 if no modularity reaches 0.3, the bound of Newman and Girvan
  /// (2004) for communities.
  package let clusters: Int
  /// The number of highest modularity.
  package let peak: Int
  /// From 2 on; empty for fewer than three cells.
  package let candidates: [Candidate]

  /// The largest number of clusters that is tried.
  private static let most = 30
  /// If there are more cells than this, a sample is used.
  private static let sample = 20_000
  private static let share = 0.95
  private static let leastModularity = 0.3

  /// Partitions cells by the codes (N, D_r) of two models or more into 2 to 30 clusters, and scores
  /// by `graph` (N, N).
  ///
  /// Deterministic for a seed at any number of threads.
  ///
  /// - Throws: `NeighborsFault` for codes that are not finite, `ClusteringFault` for eigenvectors
  ///   that do not converge.
  package init(of codes: [Matrix<Float>], graph: SparseMatrix<Float>, seed: UInt64) throws {
    let rows = Self.sampled(codes[0].rows, seed: seed)
    let most = min(Self.most, rows.count - 1)
    guard most >= 2 else {
      (clusters, peak, candidates) = (1, 1, [])
      return
    }
    let criterion = undirected(graph.selecting(rows: rows, columns: rows))
    let seen = codes.map { $0.selectingRows(rows) }
    let halves = (0..<2).map { half in seen.indices.filter { $0 % 2 == half }.map { seen[$0] } }
    let all = try CodeSpectrum(of: seen, count: most, seed: seed)
    let parts = try halves.map { try CodeSpectrum(of: $0, count: most, seed: seed) }
    let found = try sideBySide(most - 1, width: .max) { number throws in
      let clusters = number + 2
      let labels = try all.labels(clusters, seed: seed)
      return (
        modularity: try modularity(of: labels, on: criterion) ?? 0,
        stability: adjustedRandIndex(
          try parts[0].labels(clusters, seed: seed), try parts[1].labels(clusters, seed: seed))
      )
    }
    let highest = found.map(\.modularity).max() ?? 0
    let peak = 2 + (found.firstIndex { $0.modularity == highest } ?? 0)
    candidates = found.enumerated().map { number, figures in
      Candidate(
        clusters: number + 2, modularity: figures.modularity, stability: figures.stability,
        isSupported: Self.supports(number + 2, figures.modularity, peak: peak, highest))
    }
    self.peak = peak
    clusters = candidates.first(where: \.isSupported)?.clusters ?? 1
  }

  private static func supports(
    _ clusters: Int, _ modularity: Double, peak: Int, _ highest: Double
  ) -> Bool {
    guard highest >= leastModularity && modularity >= share * highest else { return false }
    if clusters >= peak { return true }
    // K separate clusters of equal size have 1 − 1/K; a split of one of K − 1 clusters gains 2/K².
    let gain = (clusters + 1...peak).reduce(0) { $0 + 2 / Double($1 * $1) }
    return highest - modularity <= gain * 2 / 3
  }

  /// All rows, or the sample, rising.
  private static func sampled(_ count: Int, seed: UInt64) -> [Int] {
    if count <= sample { return Array(0..<count) }
    var generator = RandomGenerator(seed: seed.stream(.clusterCount))
    return Array(generator.permutation(count).prefix(sample)).sorted()
  }
}
