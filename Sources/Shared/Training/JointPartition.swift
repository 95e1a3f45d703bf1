import Clustering
import Neighbors
import Tensors

/// Cells in a neighborhood, without the cell itself.
private let neighborhood = 15

/// Partitions cells by the codes (N, D_r) of all models together, as `JointCodes` does.
///
/// - Throws: as `JointCodes.partition`.
package func jointPartition(
  of codes: [Matrix<Float>], by method: StartMethod = .joint, clusters: Int, seed: UInt64
) throws -> [Int] {
  var joint = JointCodes(codes, seed: seed)
  return try joint.partition(by: method, clusters: clusters)
}

/// The codes (N, D_r) of all models side by side; each model's have the same total variance.
struct JointCodes {
  /// (N, Σ D_r)
  private let wide: Matrix<Float>
  private let seed: UInt64
  /// The 15 nearest neighbors of every cell, once they are needed.
  private var found: NearestNeighbors?

  init(_ codes: [Matrix<Float>], seed: UInt64) {
    wide = joined(codes)
    self.seed = seed
  }

  /// Spectral clustering of the graph of the codes. `jointLeiden` is Leiden on shared neighbors by
  /// the codes. `jointKMeans` is k-means on the codes, those of each cell scaled to length 1.
  ///
  /// Graphs depend on gaps between cells, k-means on the variance of the codes.
  ///
  /// - Throws: `ClusteringFault` if there are fewer cells than clusters, `NeighborsFault` or
  ///   `ClusteringFault` for codes that are not finite.
  mutating func partition(by method: StartMethod, clusters: Int) throws -> [Int] {
    guard clusters >= 1 && clusters <= wide.rows else {
      throw ClusteringFault.clusterCount(clusters, cells: wide.rows)
    }
    if method == .jointKMeans {
      return try KMeans.fit(
        unitRows(of: wide, columns: wide.columns), clusters: clusters, seed: seed,
        options: KMeans.Options(restarts: 10)
      ).labels
    }
    if wide.rows < 3 { return try KMeans.fit(wide, clusters: clusters, seed: seed).labels }
    let neighbors = try neighbors()
    if method == .jointLeiden {
      let graph = sharedNeighborWeights(fromDistances: NeighborGraph(neighbors).distances)
      return try leiden(of: graph, clusters: clusters, seed: seed).labels
    }
    return try CodeSpectrum(of: neighbors, count: clusters, seed: seed)
      .labels(clusters, seed: seed)
  }

  private mutating func neighbors() throws -> NearestNeighbors {
    if let found { return found }
    let neighbors = try NearestNeighbors.automatic(
      of: wide, count: min(neighborhood, wide.rows - 1), seed: seed)
    found = neighbors
    return neighbors
  }
}

/// The leading eigenvectors of the graph by the codes of all models together.
///
/// The graph has the 15 nearest neighbors of every cell, with self-tuning weights (Zelnik-Manor and
/// Perona 2004).
struct CodeSpectrum: Sendable {
  /// (N, K)
  private let vectors: Matrix<Double>

  /// The first K = `count` eigenvectors for the codes (N, D_r) of at least three cells.
  init(of codes: [Matrix<Float>], count: Int, seed: UInt64) throws {
    let neighbors = try NearestNeighbors.automatic(
      of: joined(codes), count: min(neighborhood, codes[0].rows - 1), seed: seed)
    try self.init(of: neighbors, count: count, seed: seed)
  }

  /// The same for the neighbors of every cell.
  init(of neighbors: NearestNeighbors, count: Int, seed: UInt64) throws {
    vectors = try spectralEmbedding(
      of: selfTuningAffinity(neighbors), count: count, seed: seed
    ).embedding
  }

  /// k-means on the rows of the first `clusters` eigenvectors, scaled to length 1 (Ng, Jordan and
  /// Weiss 2002). (N)
  func labels(_ clusters: Int, seed: UInt64) throws(ClusteringFault) -> [Int] {
    try KMeans.fit(
      unitRows(of: vectors, columns: clusters), clusters: clusters, seed: seed,
      options: KMeans.Options(restarts: 10)
    ).labels
  }
}

/// The first `columns` of every row, divided by their length; zeros do not change. (N, columns)
private func unitRows<Element: Real>(of vectors: Matrix<Element>, columns: Int) -> Matrix<Double> {
  var result = Matrix<Double>(uninitializedRows: vectors.rows, columns: columns)
  for i in 0..<vectors.rows {
    let row = vectors.row(i)
    var squares = 0.0
    for j in 0..<columns { squares += Double(row[j]) * Double(row[j]) }
    let scale = squares > 0 ? 1 / squares.squareRoot() : 0
    for j in 0..<columns { result[i, j] = Double(row[j]) * scale }
  }
  return result
}

/// The codes of all models in one matrix; each model's have the same total variance. (N, Σ D_r)
private func joined(_ codes: [Matrix<Float>]) -> Matrix<Float> {
  // The next model's weight is one over the number of models joined before, so that all count
  // equally.
  codes.dropFirst().enumerated().reduce(codes[0]) { before, next in
    jointEmbedding(rna: before, second: next.element, weight: 1 / Double(next.offset + 1))
  }
}
