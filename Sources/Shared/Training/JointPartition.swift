import Clustering
import Neighbors
import Tensors

/// Cells in a neighborhood, without the cell itself.
private let neighborhood = 15

/// Partitions cells by the codes (N, D_r) of all models together: spectral clustering of one graph
/// or, by `jointKMeans`, k-means on the codes side by side, those of each cell scaled to length 1.
///
/// The graph follows gaps between cells, where k-means on codes follows their variance.
///
/// - Throws: `ClusteringFault` where there are fewer cells than clusters, `NeighborsFault` or
///   `ClusteringFault` for codes that are not finite.
package func jointPartition(
  of codes: [Matrix<Float>], by method: StartMethod = .joint, clusters: Int, seed: UInt64
) throws -> [Int] {
  guard clusters >= 1 && clusters <= codes[0].rows else {
    throw ClusteringFault.clusterCount(clusters, cells: codes[0].rows)
  }
  if method == .jointKMeans {
    let wide = joined(codes)
    return try KMeans.fit(
      unitRows(of: wide, columns: wide.columns), clusters: clusters, seed: seed,
      options: KMeans.Options(restarts: 10)
    ).labels
  }
  if codes[0].rows < 3 {
    return try KMeans.fit(codes[0], clusters: clusters, seed: seed).labels
  }
  return try CodeSpectrum(of: codes, count: clusters, seed: seed).labels(clusters, seed: seed)
}

/// The leading eigenvectors of the graph that the codes of all models give together.
///
/// The codes stand side by side, those of each model with the same total variance. The graph has
/// the 15 nearest neighbors of every cell, with self-tuning weights (Zelnik-Manor and Perona 2004).
struct CodeSpectrum: Sendable {
  /// (N, K)
  private let vectors: Matrix<Double>

  /// Of the codes (N, D_r) of at least three cells the first K = `count` eigenvectors.
  init(of codes: [Matrix<Float>], count: Int, seed: UInt64) throws {
    let neighbors = try NearestNeighbors.automatic(
      of: joined(codes), count: min(neighborhood, codes[0].rows - 1), seed: seed)
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

/// The first `columns` of every row, divided by their length; zeros stay. (N, columns)
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

/// The codes of all models in one matrix, those of each with the same total variance. (N, Σ D_r)
private func joined(_ codes: [Matrix<Float>]) -> Matrix<Float> {
  // Those before are as many models as have been joined.
  codes.dropFirst().enumerated().reduce(codes[0]) { before, next in
    jointEmbedding(rna: before, second: next.element, weight: 1 / Double(next.offset + 1))
  }
}
