// The first partition for scEMC. The codes of paired data are as good as the worse of two measurements lets them be, so they are not asked alone:
// k-means, spectral clustering and Leiden divide three views, the RNA's codes, these beside the principal components, and sc-knn's own coordinates
// with its graph, each beside the second modality with the weight that sc-knn measured. No method is the best on all data: k-means is on blood
// cells with proteins, spectral clustering on cortex cells with few peaks. Their consensus was above or near the better on both, and
// varied less with the seed than the one partition that agrees most with the others.

import CellData
import Clustering
import Models
import Neighbors
import StageSupport
import Tensors

extension CellData {
  /// The coordinates in which scEMC begins, one a view: the RNA's codes Zʳ (the first `width` of each matrix of codes) alone, and beside the
  /// principal components; in both the second modality counts by the weight of sc-knn. (N, d) each
  func scEMCViews(_ codes: Matrix<Float>, width: Int, usesSecond: Bool) -> [Matrix<Float>] {
    let rna = standardized(codes, columns: width)
    let both = obsm["X_pca"].map { jointEmbedding(rna: $0, second: rna, weight: 1) }
    let weight = settings["uns.joint.second_weight"].flatMap { Double($0) } ?? 0
    return [rna, both].compactMap { $0 }.map { own in
      guard usesSecond, weight > 0, weight.isFinite, let second = obsm["X_second"] else {
        return own
      }
      return jointEmbedding(rna: own, second: second, weight: weight)
    }
  }

  /// The partitions that k-means, spectral clustering and Leiden find in these coordinates for every model's
  /// codes, in those of sc-knn, and in its graph: three of each.
  func scEMCPartitions(
    _ codes: [Matrix<Float>], width: Int, usesSecond: Bool, clusters: Int, _ stage: Stage
  ) throws -> [[Int]] {
    var partitions: [[Int]] = []
    func add(_ points: Matrix<Float>, _ graph: SparseMatrix<Float>?) throws {
      let graph = try graph ?? neighborGraph(of: points)
      partitions.append(try KMeans.fit(points, clusters: clusters, seed: stage.seed).labels)
      partitions.append(
        try spectralClustering(of: graph, clusters: clusters, seed: stage.seed).labels)
      partitions.append(try leiden(of: graph, clusters: clusters, seed: stage.seed).labels)
    }
    for codes in codes {
      for view in scEMCViews(codes, width: width, usesSecond: usesSecond) { try add(view, nil) }
    }
    // The graph of the joint coordinates tells of the second modality, so that for the RNA alone one is made.
    if !usesSecond && obsm["X_joint"] != nil {
      if let own = obsm["X_pca"] { try add(own, nil) }
    } else if let input = obsm["X_joint"] ?? obsm["X_pca"] {
      try add(input, obsp["connectivities"])
    }
    return partitions
  }

  /// Their consensus, and what states of the training are judged by.
  func scEMCStart(_ partitions: [[Int]], clusters: Int, _ stage: Stage) throws -> ScEMCStart {
    let labels = try consensus(of: partitions, clusters: clusters, seed: stage.seed)
    func agreement(_ labels: [Int]) -> Double {
      partitions.reduce(0.0) { $0 + adjustedRandIndex($1, labels) } / Double(partitions.count)
    }
    stage.log.detail(
      "start: the consensus of \(partitions.count) partitions, which agrees to \(threeDecimals(agreement(labels))) with them"
    )
    return ScEMCStart(
      labels: labels, confidence: { try ConsensusClustering.confidence(of: partitions, in: $0) },
      judge: agreement)
  }

  /// The first partition where all are too alike to have as many clusters together.
  private func consensus(of partitions: [[Int]], clusters: Int, seed: UInt64) throws -> [Int] {
    do {
      return try ConsensusClustering.combine(partitions, clusters: clusters, seed: seed).labels
    } catch ClusteringFault.partitionsTooAlike {
      return partitions[0]
    }
  }

  private func neighborGraph(of points: Matrix<Float>) throws -> SparseMatrix<Float> {
    NeighborGraph(try NearestNeighbors(of: points, count: min(14, points.rows - 1)))
      .connectivities
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
