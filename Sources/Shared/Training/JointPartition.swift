import Clustering
import Neighbors
import Tensors

/// Cells in a neighborhood, without the cell itself.
private let neighborhood = 15

/// Partitions cells by the codes (N, D_r) of all models together: spectral clustering of one graph.
///
/// The codes stand side by side, each centered and of mean squared norm 1. The graph has the 15 nearest neighbors of every cell, with
/// self-tuning weights (Zelnik-Manor and Perona 2004); k-means sees rows of the eigenvectors that have length 1 (Ng, Jordan and Weiss 2002).
/// It follows gaps between cells, where k-means on codes follows their variance.
///
/// - Throws: `ClusteringFault` where there are fewer cells than clusters, `NeighborsFault` for codes that are not finite.
package func jointPartition(of codes: [Matrix<Float>], clusters: Int, seed: UInt64) throws -> [Int]
{
  let cells = codes[0].rows
  guard clusters >= 1 && clusters <= cells else {
    throw ClusteringFault.clusterCount(clusters, cells: cells)
  }
  if cells < 3 { return try KMeans.fit(codes[0], clusters: clusters, seed: seed).labels }
  let found = try NearestNeighbors.automatic(
    of: sideBySide(codes), count: min(neighborhood, cells - 1), seed: seed)
  return try spectralClustering(
    of: selfTuningAffinity(found), clusters: clusters, seed: seed, labeling: .unitRows
  ).labels
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
