import Tensors

/// An error of a clustering.
package enum ClusteringFault: Fault, Equatable {
  /// Fewer than one cluster was requested, or more than there are cells.
  case clusterCount(Int, cells: Int)
  /// A coordinate of the points is NaN or infinite.
  case notFinite(row: Int, column: Int)
  /// The affinity is not square.
  case notSquare(rows: Int, columns: Int)
  /// An affinity is negative, NaN or infinite.
  case affinity(row: Int, column: Int, value: Float)
  /// A resolution is negative, NaN or infinite.
  case resolution(Double)
  /// There are no partitions, not one usable weight for each, or no weight above zero.
  case partitionWeights(partitions: Int, weights: Int)
  /// A partition has another number of cells than the first.
  case partitionLength(Int, cells: Int, expected: Int)
  /// The partitions distinguish fewer kinds of cells than the requested number of clusters.
  case partitionsTooAlike(kinds: Int, clusters: Int)
  /// No two cells of the graph are neighbors.
  case noEdges
  /// The eigenvectors did not converge.
  case notConverged(wanted: Int, found: Int)

  package var kind: FaultKind { .badData }

  package var description: String {
    switch self {
    case .clusterCount(let clusters, let cells):
      "clusters: \(clusters) clusters of \(cells) cells; ask for 1 to \(cells)"
    case .notFinite(let row, let column):
      "embedding: row \(row), column \(column) is not a finite number; compute the embedding again"
    case .notSquare(let rows, let columns):
      "graph: \(rows) × \(columns) is not square; give one row and one column per cell"
    case .affinity(let row, let column, let value):
      "graph: the weight of edge (\(row), \(column)) is \(value); weights must be finite and not negative"
    case .resolution(let value):
      "resolution: \(value) is not a number of 0 or more; ask for one such as 1"
    case .partitionWeights(let partitions, let weights):
      "consensus: \(partitions) partitions with \(weights) weights; give each one of 0 or more, and one above"
    case .partitionLength(let number, let cells, let expected):
      "consensus: partition \(number) has \(cells) cells, the first \(expected); partition the same cells"
    case .partitionsTooAlike(let kinds, let clusters):
      "consensus: the partitions distinguish \(kinds) kinds of cells, but \(clusters) clusters are asked for; ask for fewer"
    case .noEdges:
      "graph: no cell has a neighbor; run sc-knn for a graph of neighbors"
    case .notConverged(let wanted, let found):
      "graph: only \(min(found, wanted)) of \(wanted) eigenvectors converged; ask for fewer clusters or use k-means"
    }
  }
}
