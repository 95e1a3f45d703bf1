import CellData
import Clustering
import ModelStages
import StageSupport
import Tensors

/// The embeddings in which obs/confidence is measured.
struct ConfidenceSpace {
  /// In obsm.
  let names: [String]

  /// The meaning of obs/confidence, for readers of the file.
  var meaning: String {
    let place =
      names.count == 1
      ? "in obsm/\(names[0])"
      : "averaged over \(names.map { "obsm/\($0)" }.joined(separator: ", "))"
    return
      "(1 + s) / 2 with s the silhouette of the cell by cluster means, \(place): 1 deep inside the cluster, 0.5 between two clusters"
  }
}

extension CellData {
  /// The named embedding, else the codes of all models of sc-pretrain. Without both it is the
  /// clustered embedding, or that of the graph. Nil if the data do not hold it.
  func confidenceSpace(of method: ClusteringMethod, use name: String?) -> ConfidenceSpace? {
    func space(_ name: String?) -> ConfidenceSpace? {
      name.flatMap { obsm[$0] == nil ? nil : ConfidenceSpace(names: [$0]) }
    }
    if let name { return space(name) }
    if obsm["X_latent"] != nil && (hasRun("sc-pretrain") || !storedModels.isEmpty) {
      let further = furtherCodes.indices.map { "X_latent_\($0 + 1)" }
      return ConfidenceSpace(
        names: method == .consensus ? consensusNames : ["X_latent"] + further)
    }
    guard method.dividesGraph && obsp["connectivities"] != nil else {
      return space(embeddingName(nil))
    }
    return space(graphEmbedding)
  }

  /// The confidence of the clusters in those embeddings; nil if the data hold none. (N)
  func confidence(in labels: [Int], clusters: Int, _ space: ConfidenceSpace?) -> [Float]? {
    guard let space else { return nil }
    return clusterConfidence(
      in: space.names.compactMap { obsm[$0] }, of: labels, clusters: clusters)
  }
}

extension CellData {
  /// Where `uns` says what the confidence in obs/PREFIXconfidence means.
  static func confidenceSetting(_ prefix: String) -> String {
    "uns.\(DottedName.escaped(prefix + "confidence"))"
  }
}
