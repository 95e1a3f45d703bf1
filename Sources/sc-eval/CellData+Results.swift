import CellData

extension CellData {
  /// The embedding in which clusters are scored and drawn by default: the codes, else what the
  /// graph was built from.
  var defaultEmbedding: String? {
    ["X_latent", integratedEmbedding ?? "X_joint", "X_joint", "X_pca"].first { obsm[$0] != nil }
  }

  /// The confidence of sc-cluster in the clusters of that column of obs; nil if it did not write
  /// them.
  ///
  /// A column `confidence` next to `cluster` is used too if no provenance shows the owner of
  /// either. If another program has changed the clusters since, an unchanged column of sc-cluster
  /// does not describe them.
  func confidence(ofClusters column: String) -> Column? { result("confidence", of: column) }

  /// Which cells the filter of sc-cluster trusts, and why not the others.
  func reliability(ofClusters column: String) -> Column? { result("reliability", of: column) }

  private func result(_ role: String, of clusters: String) -> Column? {
    if let name = column(role, beside: clusters) {
      return isOwn(clusters) || !isOwn(name) ? obs[name] : nil
    }
    return clusters == "cluster" && !isOwn(clusters) && !isOwn(role) ? obs[role] : nil
  }

  /// Whether a stage of this project computed the column of obs. Labels that sc-preprocess read
  /// from a file are the user's. So is a column that somebody has changed since.
  func isResult(_ column: String) -> Bool {
    isOwn(column)
      && history.contains { entry in
        entry.roles(of: column, on: .obs).contains { $0 != "label" }
      }
  }
}
