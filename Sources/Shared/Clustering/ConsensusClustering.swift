// The N × N co-association matrix never exists: its entry (i, j) is the product of rows i and j of the membership matrix, so
// k-means on the rows is kernel k-means on co-associations. Columns scaled by cluster size, the bipartite graph's eigenvectors and
// average linkage were tried too, on six labeled sets with twelve partitions each: this had the highest mean adjusted Rand index
// over all twelve; average linkage was as good where no bad partitions were among them.

import Glibc
import Tensors

/// One partition out of several (Strehl and Ghosh 2002): cells that are mostly together in them are together in it.
///
/// N cells, R partitions, K clusters.
package struct ConsensusClustering: Sendable {
  /// The cluster of every cell, from 0 to K − 1 by falling size. (N)
  package let labels: [Int]
  /// The mean co-association of every cell with the other cells of its cluster, from 0 to 1; 1 for a cell alone in its cluster. (N)
  ///
  /// The co-association of two cells is the share of the weights of the partitions that put them together.
  package let confidence: [Float]
  /// The mean confidence: how far the partitions agree with the consensus.
  package let agreement: Double

  /// Finds K clusters by k-means on the membership matrix: (N, Σ K_r), entry √(w_r / Σ w) where cell i is in that cluster of partition r.
  ///
  /// The partitions may differ in number of clusters; any integers may serve as labels. `weights`, one a partition, default to equal ones. Takes
  /// O(N Σ K_r) memory. Throws for no partitions, partitions of unequal length, weights that are negative, not finite or all
  /// zero, K outside 1…N, and partitions that tell fewer than K kinds of cells apart.
  package static func combine(
    _ partitions: [[Int]], weights: [Double]? = nil, clusters: Int, seed: UInt64 = 0
  ) throws(ClusteringFault) -> ConsensusClustering {
    let shares = try checked(partitions, weights)
    let cells = partitions[0].count
    guard clusters >= 1 && clusters <= cells else {
      throw .clusterCount(clusters, cells: cells)
    }
    let memberships = memberships(partitions, shares)
    let found = try KMeans.fit(memberships, clusters: clusters, seed: seed)
    let (compact, count) = compacted(Buffer(found.labels.map { Int32($0) }), below: clusters)
    guard count == clusters else { throw .partitionsTooAlike(kinds: count, clusters: clusters) }
    let labels = numberedBySize(compact, clusterCount: clusters)
    let confidence = confidence(memberships, labels, clusters: clusters)
    return ConsensusClustering(
      labels: labels, confidence: confidence,
      agreement: confidence.reduce(0) { $0 + Double($1) } / Double(cells))
  }

  /// The weights over their sum, once all is found to fit together. (R)
  private static func checked(_ partitions: [[Int]], _ weights: [Double]?)
    throws(ClusteringFault) -> [Double]
  {
    let weights = weights ?? Array(repeating: 1, count: partitions.count)
    let total = weights.reduce(0, +)
    guard !partitions.isEmpty, weights.count == partitions.count, total > 0, total.isFinite,
      weights.allSatisfy({ $0 >= 0 })
    else { throw .partitionWeights(partitions: partitions.count, weights: weights.count) }
    for (number, partition) in partitions.enumerated()
    where partition.count != partitions[0].count {
      throw .partitionLength(number, cells: partition.count, expected: partitions[0].count)
    }
    return weights.map { $0 / total }
  }

  /// (N, Σ K_r), the rows of unit length.
  private static func memberships(_ partitions: [[Int]], _ shares: [Double]) -> Matrix<Double> {
    let columns = partitions.map { labels in
      let distinct = Set(labels).sorted()
      return Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
    }
    let width = columns.reduce(0) { $0 + $1.count }
    var result = Matrix<Double>.zeros(partitions[0].count, width)
    var elements = result.elements.mutableSpan
    var offset = 0
    for (r, labels) in partitions.enumerated() {
      for (i, label) in labels.enumerated() {
        elements[i * width + offset + (columns[r][label] ?? 0)] = sqrt(shares[r])
      }
      offset += columns[r].count
    }
    return result
  }

  /// The product of every row with the sum of its cluster's other rows, over their number. (N)
  private static func confidence(_ rows: Matrix<Double>, _ labels: [Int], clusters: Int) -> [Float]
  {
    var sums = Matrix<Double>.zeros(clusters, rows.columns)
    var sizes = Array(repeating: 0, count: clusters)
    var target = sums.elements.mutableSpan
    for (i, label) in labels.enumerated() {
      let row = rows.row(i)
      sizes[label] += 1
      for j in row.indices { target[label * rows.columns + j] += row[j] }
    }
    let (total, size) = (sums, sizes)
    return Array(
      parallelMap(labels.count) { i in
        let others = size[labels[i]] - 1
        if others == 0 { return Float(1) }
        let (row, sum) = (rows.row(i), total.row(labels[i]))
        var product = 0.0
        for j in row.indices { product += row[j] * (sum[j] - row[j]) }
        return Float(min(1, max(0, product / Double(others))))
      })
  }
}
