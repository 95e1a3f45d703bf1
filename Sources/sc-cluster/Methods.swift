import CellData
import Clustering
import ModelStages
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  /// What k-means finds in the codes of all models, or in the named embedding alone.
  func clusterByConsensus(_ clusters: Int, use name: String?, _ stage: Stage) throws -> Clustered {
    let ensemble = try CodeEnsemble(
      of: [try embedding(name)] + (name == nil ? furtherCodes : []), clusters: clusters,
      seed: stage.seed)
    return Clustered(labels: ensemble.labels)
  }

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

  /// What is clustered where `name` names nothing; nil where there is nothing.
  func embeddingName(_ name: String?) -> String? {
    name ?? ["X_latent", integratedEmbedding ?? "X_pca", "X_pca"].first { obsm[$0] != nil }
  }

  /// The embedding of that name; without a name the latent codes, or else the principal components.
  func embedding(_ name: String?) throws -> Matrix<Float> {
    guard let name = embeddingName(name) else {
      throw StageFault(
        .badData, "there is no embedding (X_latent, X_pca); run sc-knn or sc-pretrain first")
    }
    return try embedding(named: name)
  }
}
