import Clustering
import Metrics
import Neighbors
import Tensors

/// Which partition the clustering loop begins with.
package enum StartMethod: String, Sendable, CaseIterable {
  /// Of the two below, the one of higher modularity on the input graph.
  case auto
  /// The spectral clustering of the input graph: the paper's.
  case spectral
  /// k-means on the pretrained codes.
  case kmeans
}

/// The first partition of the cells, and what it was chosen from.
package struct StartingPartition: Sendable {
  package let method: StartMethod
  /// From 0 to J − 1. (N)
  package let labels: [Int]
  /// Of the labels, on the input graph.
  package let modularity: Double

  /// Partitions the cells of a binary adjacency A (N, N) with pretrained codes (N, D).
  ///
  /// - Throws: `ClusteringFault` where there are fewer cells than clusters.
  package init(
    _ method: StartMethod, adjacency: SparseMatrix<Float>, codes: Matrix<Float>, clusters: Int,
    seed: UInt64
  ) throws {
    let graph = undirected(adjacency)
    var candidates: [StartingPartition] = []
    if method != .kmeans {
      let labels = try spectralClustering(of: graph, clusters: clusters, seed: seed).labels
      candidates.append(
        StartingPartition(.spectral, labels, try Metrics.modularity(of: labels, on: graph)))
    }
    if method != .spectral {
      let labels = try KMeans.fit(codes, clusters: clusters, seed: seed).labels
      candidates.append(
        StartingPartition(.kmeans, labels, try Metrics.modularity(of: labels, on: graph)))
    }
    // Of equals the first.
    self = candidates.dropFirst().reduce(candidates[0]) {
      $1.modularity > $0.modularity ? $1 : $0
    }
  }

  private init(_ method: StartMethod, _ labels: [Int], _ modularity: Double?) {
    self.method = method
    self.labels = labels
    self.modularity = modularity ?? 0
  }
}

/// (A + Aᵀ) / 2 without self-loops: the graph that partitions are judged on. (N, N)
func undirected(_ adjacency: SparseMatrix<Float>) -> SparseMatrix<Float> {
  var starts = [0]
  var columns: [Int32] = []
  columns.reserveCapacity(adjacency.entryCount)
  for i in 0..<adjacency.rows {
    for k in adjacency.range(ofRow: i) where Int(adjacency.indices[k]) != i {
      columns.append(adjacency.indices[k])
    }
    starts.append(columns.count)
  }
  return symmetrized(
    SparseMatrix<Float>(
      rows: adjacency.rows, columns: adjacency.columns, indptr: Buffer(starts),
      indices: Buffer(columns), values: Buffer(repeating: 1, count: columns.count)))
}
