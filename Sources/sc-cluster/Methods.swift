import CellData
import Clustering
import ModelStages
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  /// The consensus of k-means on the codes of all models of all kinds, or on the named embedding
  /// alone.
  func clusterByConsensus(_ clusters: Int, use name: String?, _ stage: Stage) throws -> Clustered {
    if name == nil, !namesOfOtherKinds.isEmpty {
      stage.log.note(
        "the consensus combines \(consensusNames.map { "obsm/\($0)" }.joined(separator: ", "))")
    }
    let ensemble = try CodeEnsemble(
      of: [try embedding(name)] + (name == nil ? codesBeside : []), clusters: clusters,
      seed: stage.seed)
    return Clustered(labels: ensemble.labels)
  }

  /// The codes that a consensus combines if no embedding is named.
  var consensusNames: [String] {
    ["X_latent"] + furtherCodes.indices.map { "X_latent_\($0 + 1)" } + namesOfOtherKinds
  }

  /// The codes of all models but the first of the kind that was trained last.
  var codesBeside: [Matrix<Float>] { furtherCodes + namesOfOtherKinds.compactMap { obsm[$0] } }

  /// k-means on an embedding, twenty starts.
  func clusterByKMeans(_ clusters: Int, use name: String?, _ stage: Stage) throws -> Clustered {
    let points = try embedding(name)
    return Clustered(labels: try KMeans.fit(points, clusters: clusters, seed: stage.seed).labels)
  }

  /// Spectral clustering of the stored graph, or of the 15 nearest neighbors in an embedding.
  func clusterSpectrally(_ clusters: Int, use name: String?, _ stage: Stage) throws -> Clustered {
    let graph = try graph(use: name)
    return Clustered(
      labels: try spectralClustering(of: graph, clusters: clusters, seed: stage.seed).labels)
  }

  /// The name of the embedding to cluster: `name`, else the usual one. Nil if there is none.
  func embeddingName(_ name: String?) -> String? {
    name ?? ["X_latent", integratedEmbedding ?? "X_pca", "X_pca"].first { obsm[$0] != nil }
  }

  /// The embedding of that name. Without a name it is the latent codes, else the principal
  /// components.
  func embedding(_ name: String?) throws -> Matrix<Float> {
    guard let name = embeddingName(name) else {
      throw StageFault(
        .badData, "there is no embedding (X_latent, X_pca); run sc-knn or sc-pretrain first")
    }
    return try embedding(named: name)
  }
}
