// The embedding that a graph of sc-knn was built from, as sc-knn notes it in its settings.

import Ground

extension CellData {
  /// The name of the embedding in which that run of sc-knn measured distances: X_pca where it noted
  /// no other.
  package func embedding(ofGraphBy made: Provenance) -> String {
    if let text = made.settings["integrated"], let name = named(text) { return name }
    if let use = made.settings["use"], use != "null" { return named(use) ?? use }
    switch made.settings["modalities"] {
    case nil, "\"rna\"": return "X_pca"
    case "\"second\"": return "X_second"
    default: return obsm["X_joint"] == nil ? "X_pca" : "X_joint"
    }
  }

  private func named(_ text: String) -> String? {
    obsm.keys.first { JSONText.quoted($0) == text }
  }
}
