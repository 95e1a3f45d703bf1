import Glibc
import Tensors

/// The Leiden clusters at the resolution that gives exactly `clusters` of them, found by bisection.
///
/// If no resolution does, the partition with the fewest clusters above that number is merged, pair
/// by pair, with the least loss of Q(γ). These clusters are then connected only as far as the graph
/// is. Throws as `leiden(of:resolution:)` does, and for more clusters than cells or none.
package func leiden(
  of graph: SparseMatrix<Float>, clusters: Int, seed: UInt64 = 0, iterations: Int? = nil
) throws(ClusteringFault) -> Leiden {
  guard clusters >= 1 && clusters <= graph.rows else {
    throw .clusterCount(clusters, cells: graph.rows)
  }
  return try CommunityGraph(graph).leiden(clusters: clusters, seed: seed, iterations: iterations)
}

/// How often the resolution is doubled or halved, and then its interval.
private let (widenings, bisections) = (40, 20)

extension CommunityGraph {
  /// As above, for a number of clusters from 1 to N.
  func leiden(clusters: Int, seed: UInt64, iterations: Int? = nil) -> Leiden {
    var above: Leiden?
    var (low, high): (Double?, Double?) = (nil, nil)
    var resolution = 1.0
    for _ in 0..<widenings + bisections {
      let found = leiden(resolution: resolution, seed: seed, iterations: iterations)
      if found.clusterCount == clusters { return found }
      if found.clusterCount > clusters {
        if found.clusterCount < above?.clusterCount ?? .max { above = found }
        high = resolution
      } else {
        low = resolution
      }
      switch (low, high) {
      case (let low?, let high?):
        resolution = sqrt(low * high)
        if high < low * 1.0005 { return merged(above, to: clusters) }
      case (_?, nil): resolution *= 2
      default:
        // Far below 1 only the connected components remain.
        if resolution < 1e-6 { return merged(above, to: clusters) }
        resolution /= 2
      }
    }
    return merged(above, to: clusters)
  }

  /// The partition merged to that many clusters; without a partition, it begins with single cells.
  private func merged(_ partition: Leiden?, to clusters: Int) -> Leiden {
    let labels = partition.map { Buffer($0.labels.map { Int32($0) }) }
    let resolution = partition?.resolution ?? 1
    let (merged, count) = merged(
      labels ?? Buffer((0..<count).map { Int32($0) }),
      clusterCount: partition?.clusterCount ?? count, to: clusters, resolution: resolution)
    return summarized(
      merged, count, resolution: resolution, iterations: partition?.iterations ?? 0)
  }

  /// Joins the pair of clusters with the largest gain (or smallest loss) in Q(γ) until `wanted`
  /// clusters remain.
  func merged(
    _ labels: Buffer<Int32>, clusterCount: Int, to wanted: Int, resolution: Double
  ) -> (Buffer<Int32>, Int) {
    var clusters = MergingClusters(
      aggregated(by: labels, into: clusterCount), scale: total > 0 ? resolution / total : 0)
    for _ in 0..<max(0, clusterCount - wanted) { clusters.mergeBestPair() }
    return compacted(Buffer(labels.map { clusters.owner(of: $0) }))
  }
}

/// Clusters that are merged one pair at a time.
private struct MergingClusters {
  /// The cluster into which each was merged; itself if it was not.
  private var parent: [Int32]
  private var strength: [Double]
  /// The weight to every other remaining cluster.
  private var edges: [[Int32: Double]]
  private var standing: [Int32]
  private let scale: Double

  init(_ graph: CommunityGraph, scale: Double) {
    parent = (0..<graph.count).map { Int32($0) }
    standing = parent
    strength = Array(graph.strengths)
    edges = (0..<graph.count).map { i in
      var row: [Int32: Double] = [:]
      for k in graph.starts[i]..<graph.starts[i + 1] { row[graph.neighbors[k]] = graph.weights[k] }
      return row
    }
    self.scale = scale
  }

  func owner(of cluster: Int32) -> Int32 {
    var current = cluster
    while parent[Int(current)] != current { current = parent[Int(current)] }
    return current
  }

  mutating func mergeBestPair() {
    guard let (kept, gone) = bestPair() else { return }
    parent[Int(gone)] = kept
    standing.removeAll { $0 == gone }
    strength[Int(kept)] += strength[Int(gone)]
    for (other, weight) in edges[Int(gone)] {
      edges[Int(other)][gone] = nil
      if other == kept { continue }
      edges[Int(kept)][other, default: 0] += weight
      edges[Int(other)][kept, default: 0] += weight
    }
    edges[Int(gone)] = [:]
  }

  /// The pair of highest gain, the lowest numbers among equals. It is one of the connected pairs,
  /// or the two weakest clusters, which are the best unconnected pair.
  private func bestPair() -> (Int32, Int32)? {
    let weakest = standing.sorted {
      (strength[Int($0)], $0) < (strength[Int($1)], $1)
    }.prefix(2).sorted()
    guard weakest.count == 2 else { return nil }
    var best = (weakest[0], weakest[1])
    var gain = gain(best.0, best.1)
    for a in standing {
      for b in edges[Int(a)].keys where b > a {
        let candidate = self.gain(a, b)
        if candidate > gain || (candidate == gain && (a, b) < best) {
          (best, gain) = ((a, b), candidate)
        }
      }
    }
    return best
  }

  private func gain(_ a: Int32, _ b: Int32) -> Double {
    (edges[Int(a)][b] ?? 0) - scale * strength[Int(a)] * strength[Int(b)]
  }
}
