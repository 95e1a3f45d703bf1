import CellData

extension CellData {
  /// The embedding that clusters are scored and drawn in where none is named: the codes, else what
  /// the graph was built from.
  var defaultEmbedding: String? {
    ["X_latent", integratedEmbedding ?? "X_joint", "X_joint", "X_pca"].first { obsm[$0] != nil }
  }

  /// How sure sc-cluster is of the clusters in that column of obs; nil where it did not write them.
  ///
  /// A column `confidence` beside `cluster` counts too where no provenance says whose it is. One
  /// that is as sc-cluster left it says nothing of clusters that another program has changed since.
  func confidence(ofClusters column: String) -> Column? { result("confidence", of: column) }

  /// Which cells the filter of sc-cluster trusts, and why not the others.
  func reliability(ofClusters column: String) -> Column? { result("reliability", of: column) }

  private func result(_ role: String, of clusters: String) -> Column? {
    if let name = column(role, beside: clusters) {
      return isOwn(clusters) || !isOwn(name) ? obs[name] : nil
    }
    return clusters == "cluster" && !isOwn(clusters) && !isOwn(role) ? obs[role] : nil
  }

  /// Whether a stage of this project computed what the column of obs holds. Labels that
  /// sc-preprocess took from a file are the user's, and so is a column that somebody has changed
  /// since.
  func isResult(_ column: String) -> Bool {
    isOwn(column)
      && history.contains { entry in
        entry.roles(of: column, on: .obs).contains { $0 != "label" }
      }
  }
}
