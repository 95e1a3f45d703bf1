// The consensus of many partitions of the same cells (Kiselev et al.: Nature Methods 14, 483–486,
// 2017). There are three distances and two transforms of each. k-means clusters their leading
// eigenvectors, for numbers of eigenvectors from 4 to 7 % of the cells. Then cells with similar
// rows of co-associations are one cluster. N cells, G genes, K clusters. It needs N × N numbers:
// 5,000 cells are the most.

import Glibc
import Tensors

/// SC3's clusters of cells by their log-normalized values.
package struct SC3: Sendable {
  /// The largest number of cells; it is drawn from more.
  package static let largest = 5000
  /// The largest number of dimensions that are tried.
  private static let mostDimensions = 15

  /// The cluster of every cell, from 0 to K − 1 by falling size. (N)
  package let labels: [Int]
  /// The number of partitions in the consensus.
  package let partitionCount: Int

  /// Clusters cells by their values (N, G), logarithms of normalized counts.
  ///
  /// Uses only genes that more than a tenth and fewer than nine tenths of the cells express, or all
  /// if fewer than two remain.
  ///
  /// - Throws: `ClusteringFault` if there are fewer cells than clusters, or too few kinds of them.
  package init(of values: SparseMatrix<Float>, clusters: Int, seed: UInt64) throws(ClusteringFault)
  {
    precondition(values.rows <= Self.largest, "\(values.rows) cells: \(Self.largest) are the most")
    guard clusters >= 1 && clusters <= values.rows else {
      throw .clusterCount(clusters, cells: values.rows)
    }
    let genes = Self.informativeGenes(of: values)
    let chosen = genes.count < 2 ? values : values.selectingColumns(genes)
    let points = chosen.densified().converted(to: Double.self)
    let dimensions = Self.dimensions(cells: values.rows, seed: seed)
    var partitions: [[Int]] = []
    for distance in CellDistance.allCases {
      let distances = distance.matrix(of: points)
      for transform in DistanceTransform.allCases {
        let vectors = try transform.eigenvectors(
          of: distances, count: dimensions.last ?? 1, seed: seed
        ).vectors
        partitions += try Self.partitions(
          vectors, dimensions, clusters: clusters, seed: seed.stream(.sc3, partitions.count))
      }
    }
    partitionCount = partitions.count
    labels = try Self.consensus(of: partitions, clusters: clusters)
  }

  /// The genes whose share of zeros is between a tenth and nine tenths, both excluded.
  package static func informativeGenes(of values: SparseMatrix<Float>) -> [Int] {
    var shown = [Int](repeating: 0, count: values.columns)
    let (columns, entries) = (values.indices.span, values.values.span)
    for k in entries.indices where entries[k] != 0 { shown[Int(columns[k])] += 1 }
    return shown.indices.filter {
      let zeros = values.rows - shown[$0]
      return 10 * zeros > values.rows && 10 * zeros < 9 * values.rows
    }
  }

  /// The numbers from 4 to 7 % of the cells; fifteen of them at random if there are more; rising.
  static func dimensions(cells: Int, seed: UInt64) -> [Int] {
    let first = max(1, Int(0.04 * Double(cells)))
    let last = min(cells, max(first, Int((0.07 * Double(cells)).rounded(.up))))
    let all = Array(min(first, last)...last)
    if all.count <= mostDimensions { return all }
    var generator = RandomGenerator(seed: seed.stream(.sc3))
    return generator.permutation(all.count).prefix(mostDimensions).map { all[$0] }.sorted()
  }

  /// The partitions of k-means on the first d eigenvectors (one in each row), for every d.
  private static func partitions(
    _ vectors: Matrix<Double>, _ dimensions: [Int], clusters: Int, seed: UInt64
  ) throws(ClusteringFault) -> [[Int]] {
    try sideBySide(dimensions.count, width: Threads.count) { number throws(ClusteringFault) in
      return try KMeans.fit(
        columns(vectors, first: dimensions[number]), clusters: clusters,
        seed: seed.stream(.member, number),
        options: KMeans.Options(restarts: 10)
      ).labels
    }
  }

  /// K clusters by complete linkage of the Euclidean distances between the rows of the
  /// co-associations of the cells.
  ///
  /// - Throws: `ClusteringFault` if the partitions distinguish fewer kinds of cells.
  package static func consensus(of partitions: [[Int]], clusters: Int) throws(ClusteringFault)
    -> [Int]
  {
    let groups = MembershipGroups(try Memberships(partitions, weights: nil), limit: largest)
    let count = groups.sizes.count
    guard count >= clusters else {
      throw .partitionsTooAlike(kinds: count, clusters: clusters)
    }
    // Cells of a group have the same row, in which the column of a group is repeated once for each
    // of its cells.
    var rows = groups.similarities()
    let weights = groups.sizes.map { sqrt(Double($0)) }
    parallelRows(of: &rows) { part, out in
      for i in 0..<part.count { for j in 0..<count { out[i * count + j] *= weights[j] } }
    }
    var similarities = CellDistance.euclidean.matrix(of: rows)
    parallelRows(of: &similarities) { part, out in
      for k in 0..<part.count * count { out[k] = -out[k] }
    }
    let linkage = GroupLinkage(similarities, sizes: groups.sizes, .complete)
    let sets = linkage.sets(afterMerges: count - clusters)
    let (compact, found) = compacted(
      Buffer(groups.ofCell.map { Int32(sets[$0]) }), below: count)
    return numberedBySize(compact, clusterCount: found)
  }
}

extension SC3 {
  /// The clusters of all points. The n clustered points keep theirs; every other one gets that of
  /// the nearest centroid. (n), n places, (N, D) → (N)
  package static func extending(
    _ labels: [Int], of places: [Int], to points: Matrix<Double>
  ) -> [Int] {
    let clusters = (labels.max() ?? -1) + 1
    var centroids = Matrix<Double>.zeros(clusters, points.columns)
    var sizes = [Double](repeating: 0, count: clusters)
    for (place, label) in zip(places, labels) {
      sizes[label] += 1
      for d in 0..<points.columns { centroids[label, d] += points[place, d] }
    }
    for j in 0..<clusters {
      for d in 0..<points.columns { centroids[j, d] /= max(1, sizes[j]) }
    }
    let centers = centroids
    var result = Array(
      parallelMap(points.rows) { i in
        var (best, least) = (0, Double.infinity)
        for j in 0..<clusters {
          let distance = squaredDistance(points.row(i), centers.row(j))
          if distance < least { (best, least) = (j, distance) }
        }
        return best
      })
    for (place, label) in zip(places, labels) { result[place] = label }
    return result
  }
}

/// The first rows of a matrix as columns. (·, N) → (N, count)
private func columns(_ vectors: Matrix<Double>, first count: Int) -> Matrix<Double> {
  let (count, n) = (min(count, vectors.rows), vectors.columns)
  var result = Matrix<Double>(uninitializedRows: n, columns: count)
  var elements = result.elements.mutableSpan
  for j in 0..<count {
    let row = vectors.row(j)
    for i in 0..<n { elements[i * count + j] = row[i] }
  }
  return result
}
