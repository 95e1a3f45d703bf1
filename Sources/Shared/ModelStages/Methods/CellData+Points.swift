import CellData
import Neighbors
import StageSupport
import Tensors

// What the methods without a model read: an embedding, the codes of several models, or a graph.
extension CellData {
  /// How many cells are neighbors in the graph of an embedding. The cell itself counts among them.
  package static var graphNeighbors: Int { 15 }

  /// The name of the embedding to cluster: `name`, else the usual one. Nil if there is none.
  package func embeddingName(_ name: String?) -> String? {
    name ?? ["X_latent", integratedEmbedding ?? "X_pca", "X_pca"].first { obsm[$0] != nil }
  }

  /// The embedding of that name. Without a name it is the latent codes, else the principal
  /// components.
  package func embedding(_ name: String?) throws -> Matrix<Float> {
    guard let name = embeddingName(name) else {
      throw StageFault(
        .badData, "there is no embedding (X_latent, X_pca); run sc-knn or sc-pretrain first")
    }
    return try embedding(named: name)
  }

  /// The codes that a consensus combines if no embedding is named.
  package var consensusNames: [String] {
    ["X_latent"] + furtherCodes.indices.map { "X_latent_\($0 + 1)" } + namesOfOtherKinds
  }

  /// The codes of all models but the first of the kind that was trained last.
  package var codesBeside: [Matrix<Float>] {
    furtherCodes + namesOfOtherKinds.compactMap { obsm[$0] }
  }

  /// The stored graph. If an embedding is named or no graph is stored, that of the nearest
  /// neighbors.
  package func graph(use name: String?) throws -> SparseMatrix<Float> {
    if name == nil, let stored = obsp["connectivities"] {
      try stored.requireFinite("obsp.connectivities")
      return stored
    }
    let points = try embedding(name)
    if points.rows < 2 {
      throw StageFault(.badData, "a graph needs two cells or more, but there is \(points.rows)")
    }
    return NeighborGraph(
      try NearestNeighbors(of: points, count: min(CellData.graphNeighbors - 1, points.rows - 1))
    ).connectivities
  }
}
