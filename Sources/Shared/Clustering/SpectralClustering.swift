// Lanczos cannot distinguish the copies of a multiple eigenvalue. So the eigenvectors of eigenvalue
// 1 are deflated (their eigenvalue moves to −1). They are known in closed form, one for each
// connected component.

import Glibc
import Tensors

/// A partition of a graph's cells by normalized spectral clustering (Ng, Jordan and Weiss 2002; von
/// Luxburg 2007).
///
/// N cells, K clusters.
package struct SpectralClustering: Sendable {
  /// The cluster of every cell, from 0 to K − 1. (N)
  package let labels: [Int]
  /// The leading eigenvectors over the roots of the degrees: the input of k-means. (N, K)
  package let embedding: Matrix<Double>
  /// The K leading eigenvalues of D^-1/2 W D^-1/2, falling.
  package let eigenvalues: [Double]
  /// The connected components of two cells or more.
  package let componentCount: Int
}

/// How cells get their labels from the eigenvectors.
package enum SpectralLabeling: Sendable {
  /// k-means.
  case kmeans
  /// The nearest rotation to unit vectors (Yu and Shi 2003).
  case discretize
}

/// Clusters the cells of a graph: the K leading eigenvectors of D^-1/2 W D^-1/2, divided by D^1/2,
/// then k-means (as in scikit-learn).
///
/// W is the mean of `affinity` (N, N) and its transpose, without self-loops. If there are more
/// components than clusters, only the K largest get a dimension. The others, and cells without
/// neighbors, are at the origin of the embedding. Deterministic for a seed at any number of
/// threads. Throws for a graph without edges, unusable weights, more clusters than cells, or
/// eigenvectors that do not converge.
package func spectralClustering(
  of affinity: SparseMatrix<Float>, clusters: Int, seed: UInt64 = 0,
  labeling: SpectralLabeling = .kmeans
) throws(ClusteringFault) -> SpectralClustering {
  let (embedding, values, componentCount) = try spectralEmbedding(
    of: affinity, count: clusters, seed: seed)
  let labels =
    switch labeling {
    case .kmeans:
      try KMeans.fit(
        embedding, clusters: clusters, seed: seed, options: KMeans.Options(restarts: 10)
      ).labels
    case .discretize: discretized(embedding, seed: seed)
    }
  return SpectralClustering(
    labels: labels, embedding: embedding, eigenvalues: values, componentCount: componentCount)
}

/// The K leading eigenvectors of D^-1/2 W D^-1/2, divided by D^1/2 (N, K), their eigenvalues,
/// falling, and the number of components.
///
/// W and the errors are as for `spectralClustering`.
package func spectralEmbedding(
  of affinity: SparseMatrix<Float>, count: Int, seed: UInt64
) throws(ClusteringFault) -> (
  embedding: Matrix<Double>, eigenvalues: [Double], componentCount: Int
) {
  guard count >= 1 && count <= affinity.rows else {
    throw .clusterCount(count, cells: affinity.rows)
  }
  let graph = try NormalizedAffinity(affinity)
  if graph.matrix.entryCount == 0 && count > 1 { throw .noEdges }
  let (values, vectors) = try leadingEigenvectors(of: graph, count: count, seed: seed)
  var embedding = Matrix<Double>(uninitializedRows: affinity.rows, columns: count)
  parallelRows(of: &embedding) { rows, elements in
    for i in rows {
      for j in 0..<count {
        elements[(i - rows.lowerBound) * count + j] = vectors[j, i] / graph.rootDegrees[i]
      }
    }
  }
  return (embedding, values, graph.componentCount)
}

/// Below this many cells all eigenvectors are computed at once.
private let smallest = 64
/// The largest number of cells for a dense computation if Lanczos fails: 32 MB and seconds.
private let largestDense = 2000

/// The K leading eigenvalues and eigenvectors, those of the components first. (K), (K, N)
private func leadingEigenvectors(of graph: NormalizedAffinity, count: Int, seed: UInt64)
  throws(ClusteringFault) -> ([Double], Matrix<Double>)
{
  let n = graph.matrix.rows
  let known = graph.componentVectors(min(count, graph.componentCount))
  let wanted = count - known.rows
  let ones = Array(repeating: 1.0, count: known.rows)
  if wanted == 0 { return (ones, known) }
  // For few cells, or nearly as many vectors as cells: then N × N costs no more than the vectors
  // themselves.
  func all() throws(ClusteringFault) -> ([Double], Matrix<Double>) {
    guard let all = SymmetricEigen(of: deflated(graph.matrix.densified(), by: known)) else {
      throw .notConverged(wanted: wanted, found: 0)
    }
    let chosen = all.vectors.selectingRows(Array(0..<wanted))
    return (ones + all.values.prefix(wanted), stacked(known, chosen))
  }
  if n <= smallest || n < 3 * wanted { return try all() }
  var pairs: LargestEigenpairs
  do throws(ClusteringFault) {
    pairs = try largest(wanted, of: graph, besides: known, seed: seed)
  } catch {
    // Lanczos breaks down if most cells have no neighbors.
    if n > largestDense { throw error }
    return try all()
  }
  // A Krylov space holds one vector of each eigenspace. So this checks whether a copy of a multiple
  // eigenvalue was missed.
  for attempt in 1...wanted {
    let found = stacked(known, pairs.vectors)
    let seed = seed.stream(.eigenvectors, attempt)
    let rest = try largest(1, of: graph, besides: found, seed: seed, tolerance: 1e-4)
    if rest.values[0] <= (pairs.values.last ?? 1) + 1e-8 { break }
    let missed = try largest(1, of: graph, besides: found, seed: seed)
    pairs = pairs.inserting(missed, keeping: wanted)
  }
  return (ones + pairs.values, stacked(known, pairs.vectors))
}

/// The largest eigenpairs of M that are orthogonal to the known eigenvectors.
private func largest(
  _ count: Int, of graph: NormalizedAffinity, besides known: Matrix<Double>, seed: UInt64,
  tolerance: Double = 1e-10
) throws(ClusteringFault) -> LargestEigenpairs {
  try LargestEigenpairs.find(
    count: count, size: graph.matrix.rows, seed: seed, tolerance: tolerance
  ) { x, y in
    multiply(graph.matrix, x, into: &y)
    subtractProjections(of: x, on: known, from: &y)
  }
}

extension LargestEigenpairs {
  /// The `count` largest of these and one more.
  fileprivate func inserting(_ other: LargestEigenpairs, keeping count: Int) -> LargestEigenpairs {
    let all = values + other.values
    let order = all.indices.sorted { (all[$1], $0) < (all[$0], $1) }.prefix(count)
    return LargestEigenpairs(
      values: order.map { all[$0] },
      vectors: stacked(vectors, other.vectors).selectingRows(Array(order)))
  }
}

/// y ← y − 2 Σ_u u (uᵀ x): the eigenvalues of the known u become −1 or less, below all others.
private func subtractProjections(
  of x: Matrix<Double>, on known: Matrix<Double>, from y: inout Matrix<Double>
) {
  let source = x.elements.span
  var target = y.elements.mutableSpan
  for u in 0..<known.rows {
    let row = known.row(u)
    var product = 0.0
    for i in row.indices { product += row[i] * source[i] }
    if product == 0 { continue }
    for i in row.indices { target[i] -= 2 * product * row[i] }
  }
}

/// A − 2 Σ_u u uᵀ, dense.
private func deflated(_ a: Matrix<Double>, by known: Matrix<Double>) -> Matrix<Double> {
  var result = a
  for u in 0..<known.rows {
    for i in 0..<a.rows where known[u, i] != 0 {
      for j in 0..<a.columns { result[i, j] -= 2 * known[u, i] * known[u, j] }
    }
  }
  return result
}

/// The rows of both.
private func stacked(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
  var result = Matrix<Double>(uninitializedRows: a.rows + b.rows, columns: a.columns)
  result.elements.copy(a.elements.indices, of: a.elements, to: 0)
  result.elements.copy(b.elements.indices, of: b.elements, to: a.elements.count)
  return result
}
