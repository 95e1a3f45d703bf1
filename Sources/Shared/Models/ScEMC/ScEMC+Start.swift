// The first partition for scEMC. The worse of the two measurements limits the codes of paired data,
// so three views are partitioned. They are the RNA's codes, these codes beside the principal
// components, and the coordinates of the graph. In each the second modality has the weight of the
// graph. Each view is divided by k-means, and by spectral clustering and Leiden of shared
// neighbors. No method is the best on all data: k-means is on blood cells with proteins, spectral
// clustering on cortex cells with few peaks. On both, their consensus was above or near the better
// one. It varied less with the seed than the one partition that agrees most with the others.

import Clustering
import Neighbors
import Tensors
import Training

/// The views of the cells beside the codes. N cells.
package struct PairedViews: Sendable {
  /// Principal components of the RNA. (N, d)
  package var components: Matrix<Float>?
  /// The coordinates of the second modality. (N, d)
  package var second: Matrix<Float>?
  /// Both. (N, d)
  package var joint: Matrix<Float>?
  /// The weight of the second modality beside the RNA.
  package var secondWeight: Double
  /// The weights and the distances of the neighbors in the joint coordinates. (N, N)
  package var graph: SparseMatrix<Float>?
  package var distances: SparseMatrix<Float>?

  package init(
    components: Matrix<Float>?, second: Matrix<Float>?, joint: Matrix<Float>?,
    secondWeight: Double, graph: SparseMatrix<Float>?, distances: SparseMatrix<Float>?
  ) {
    self.components = components
    self.second = second
    self.joint = joint
    self.secondWeight = secondWeight
    self.graph = graph
    self.distances = distances
  }
}

extension ScEMC where S == Float {
  /// The first partition of cells with these codes, those of further models beside them.
  ///
  /// - Parameters:
  ///   - compares: whether states are compared, which modularity needs the adjacency A (N, N) for.
  ///   - order: the order of work, in which k-means sees the codes.
  package func start(
    _ method: StartMethod, codes: [Matrix<Float>], views: PairedViews, order: [Int],
    comparedOn adjacency: SparseMatrix<Float>?, clusters: Int, seed: UInt64
  ) throws -> StartingPartition {
    switch method {
    case .auto, .consensus:
      let partitions = try partitions(codes, views, clusters: clusters, seed: seed)
      let labels = try consensus(of: partitions, clusters: clusters, seed: seed)
      return try StartingPartition(.consensus, labels, .partitions(partitions))
    case .spectral, .discretize:
      let graph = try views.graph ?? neighborGraph(of: codes[0], seed).connectivities
      let labels = try spectralClustering(
        of: graph, clusters: clusters, seed: seed,
        labeling: method == .discretize ? .discretize : .kmeans
      ).labels
      return try StartingPartition(method, labels, adjacency.map { .modularity(undirected($0)) })
    case .joint, .jointKMeans, .jointLeiden:
      let labels = try jointPartition(of: codes, by: method, clusters: clusters, seed: seed)
      return try StartingPartition(method, labels, adjacency.map { .modularity(undirected($0)) })
    case .kmeans:
      let found = try KMeans.fit(
        codes[0].selectingRows(order), clusters: clusters, seed: seed
      ).labels
      var labels = found
      for (place, row) in order.enumerated() { labels[row] = found[place] }
      return try StartingPartition(.kmeans, labels, adjacency.map { .modularity(undirected($0)) })
    case .leiden:
      let labels = try leiden(of: codeGraph(codes[0], seed: seed), clusters: clusters, seed: seed)
        .labels
      return try StartingPartition(method, labels, adjacency.map { .modularity(undirected($0)) })
    }
  }

  /// The coordinates of the views of one model: the RNA's codes Zʳ alone, and beside the principal
  /// components. In both the second modality has the weight of the graph. (N, d) each
  private func coordinates(_ codes: Matrix<Float>, _ views: PairedViews) -> [Matrix<Float>] {
    let rna = standardized(
      codes, columns: configuration.skips ? configuration.latent : codes.columns)
    let both = views.components.map { jointEmbedding(rna: $0, second: rna, weight: 1) }
    let weight = views.secondWeight
    return [rna, both].compactMap { $0 }.map { own in
      guard configuration.features != nil, weight > 0, weight.isFinite, let second = views.second
      else { return own }
      return jointEmbedding(rna: own, second: second, weight: weight)
    }
  }

  /// What k-means, spectral clustering and Leiden find in the views of every model's codes, and in
  /// the coordinates of the graph.
  private func partitions(
    _ codes: [Matrix<Float>], _ views: PairedViews, clusters: Int, seed: UInt64
  ) throws -> [[Int]] {
    var partitions: [[Int]] = []
    func add(_ points: Matrix<Float>, _ distances: SparseMatrix<Float>?) throws {
      let graph = sharedNeighborWeights(
        fromDistances: try distances ?? neighborGraph(of: points, seed).distances)
      partitions.append(try KMeans.fit(points, clusters: clusters, seed: seed).labels)
      partitions.append(try spectralClustering(of: graph, clusters: clusters, seed: seed).labels)
      partitions.append(try leiden(of: graph, clusters: clusters, seed: seed).labels)
    }
    for codes in codes { for view in coordinates(codes, views) { try add(view, nil) } }
    // The graph of the joint coordinates knows the second modality, so that for the RNA alone one
    // is made.
    if configuration.features == nil && views.joint != nil {
      if let own = views.components { try add(own, nil) }
    } else if let input = views.joint ?? views.components {
      try add(input, views.distances)
    }
    return partitions
  }

  /// The first partition where all are too alike to have as many clusters together.
  private func consensus(of partitions: [[Int]], clusters: Int, seed: UInt64) throws -> [Int] {
    do {
      return try ConsensusClustering.combine(partitions, clusters: clusters, seed: seed).labels
    } catch ClusteringFault.partitionsTooAlike {
      return partitions[0]
    }
  }

  private func neighborGraph(of points: Matrix<Float>, _ seed: UInt64) throws -> NeighborGraph {
    NeighborGraph(try NearestNeighbors.automatic(of: points, count: 14, seed: seed))
  }
}

/// The first `columns` columns, each with mean 0 and variance 1; constant ones are 0. (N, columns)
private func standardized(_ codes: Matrix<Float>, columns: Int) -> Matrix<Float> {
  var result = Matrix<Float>.zeros(codes.rows, columns)
  for j in 0..<columns {
    let values = (0..<codes.rows).map { Double(codes[$0, j]) }
    let mean = values.reduce(0, +) / Double(max(1, values.count))
    let variance =
      values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count))
    guard variance > 0 else { continue }
    let scale = 1 / variance.squareRoot()
    for i in 0..<codes.rows { result[i, j] = Float((values[i] - mean) * scale) }
  }
  return result
}
