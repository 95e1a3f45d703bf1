import Clustering
import Neighbors
import Tensors

/// Cells in a neighborhood, without the cell itself.
private let neighborhood = 15

/// Partitions cells by the codes (N, D_r) of all models together: spectral clustering of one graph.
///
/// It follows gaps between cells, where k-means on codes follows their variance.
///
/// - Throws: `ClusteringFault` where there are fewer cells than clusters, `NeighborsFault` for codes that are not finite.
package func jointPartition(of codes: [Matrix<Float>], clusters: Int, seed: UInt64) throws -> [Int]
{
  guard clusters >= 1 && clusters <= codes[0].rows else {
    throw ClusteringFault.clusterCount(clusters, cells: codes[0].rows)
  }
  if codes[0].rows < 3 {
    return try KMeans.fit(codes[0], clusters: clusters, seed: seed).labels
  }
  return try JointEmbedding(of: codes, count: clusters, seed: seed).labels(clusters, seed: seed)
}

/// The leading eigenvectors of the graph that the codes of all models give together.
///
/// The codes stand side by side, each centered and of mean squared norm 1. The graph has the 15 nearest neighbors of every cell, with
/// self-tuning weights (Zelnik-Manor and Perona 2004).
struct JointEmbedding: Sendable {
  /// (N, K)
  private let vectors: Matrix<Double>

  /// Of the codes (N, D_r) of at least three cells the first K = `count` eigenvectors.
  init(of codes: [Matrix<Float>], count: Int, seed: UInt64) throws {
    let neighbors = try NearestNeighbors.automatic(
      of: sideBySide(codes), count: min(neighborhood, codes[0].rows - 1), seed: seed)
    vectors = try spectralEmbedding(
      of: selfTuningAffinity(neighbors), count: count, seed: seed
    ).embedding
  }

  /// k-means on the rows of the first `clusters` eigenvectors, scaled to length 1 (Ng, Jordan and Weiss 2002). (N)
  func labels(_ clusters: Int, seed: UInt64) throws(ClusteringFault) -> [Int] {
    try KMeans.fit(
      unitRows(of: vectors, columns: clusters), clusters: clusters, seed: seed,
      options: KMeans.Options(restarts: 10)
    ).labels
  }
}

/// The first `columns` of every row, divided by their length; zeros stay. (N, columns)
private func unitRows(of vectors: Matrix<Double>, columns: Int) -> Matrix<Double> {
  var result = Matrix<Double>(uninitializedRows: vectors.rows, columns: columns)
  for i in 0..<vectors.rows {
    let row = vectors.row(i)
    var squares = 0.0
    for j in 0..<columns { squares += row[j] * row[j] }
    let scale = squares > 0 ? 1 / squares.squareRoot() : 0
    for j in 0..<columns { result[i, j] = row[j] * scale }
  }
  return result
}

/// The codes of all models in one matrix, each centered and of mean squared norm 1. (N, Σ D_r)
private func sideBySide(_ codes: [Matrix<Float>]) -> Matrix<Float> {
  let (cells, width) = (codes[0].rows, codes.reduce(0) { $0 + $1.columns })
  var result = Matrix<Float>(uninitializedRows: cells, columns: width)
  var first = 0
  for code in codes {
    let source = code.elements.span
    let columns = code.columns
    var means = [Double](repeating: 0, count: columns)
    for i in 0..<cells {
      for j in 0..<columns { means[j] += Double(source[i * columns + j]) / Double(cells) }
    }
    var squares = 0.0
    for i in 0..<cells {
      for j in 0..<columns {
        let moved = Double(source[i * columns + j]) - means[j]
        squares += moved * moved
      }
    }
    let scale = squares > 0 ? (Double(cells) / squares).squareRoot() : 0
    var target = result.elements.mutableSpan
    for i in 0..<cells {
      for j in 0..<columns {
        target[i * width + first + j] = Float((Double(source[i * columns + j]) - means[j]) * scale)
      }
    }
    first += columns
  }
  return result
}
