import CellData
import Clustering
import StageSupport
import Tensors
import Training

extension CellData {
  /// The clusters of the cells by a method that trains no model. (N)
  ///
  /// - Parameter name: the embedding; nil: the codes or the graph that the data hold.
  /// - Precondition: the method is not that of a model.
  package func labels(
    by method: ClusteringMethod, clusters: Int, use name: String?, _ stage: Stage
  ) throws -> [Int] {
    switch method {
    case .consensus: try labelsByConsensus(clusters, use: name, stage)
    case .kmeans: try labelsByKMeans(clusters, use: name, stage)
    case .spectral: try labelsBySpectrum(clusters, use: name, stage)
    case .sc3: try labelsBySC3(clusters, stage)
    case .leiden: try labelsByLeiden(clusters, resolution: 1, use: name, stage)
    case .model: preconditionFailure("a method that trains a model")
    }
  }

  /// The consensus of k-means on the codes of all models of all kinds, or on the named embedding
  /// alone.
  func labelsByConsensus(_ clusters: Int, use name: String?, _ stage: Stage) throws -> [Int] {
    if name == nil, !namesOfOtherKinds.isEmpty {
      stage.log.note(
        "the consensus combines \(consensusNames.map { "obsm/\($0)" }.joined(separator: ", "))")
    }
    let ensemble = try CodeEnsemble(
      of: [try embedding(name)] + (name == nil ? codesBeside : []), clusters: clusters,
      seed: stage.seed)
    return ensemble.labels
  }

  /// k-means on an embedding, twenty starts.
  func labelsByKMeans(_ clusters: Int, use name: String?, _ stage: Stage) throws -> [Int] {
    let points = try embedding(name)
    return try KMeans.fit(points, clusters: clusters, seed: stage.seed).labels
  }

  /// Spectral clustering of the stored graph, or of the 15 nearest neighbors in an embedding.
  func labelsBySpectrum(_ clusters: Int, use name: String?, _ stage: Stage) throws -> [Int] {
    let graph = try graph(use: name)
    return try spectralClustering(of: graph, clusters: clusters, seed: stage.seed).labels
  }
}
