// The owner of a part of an object: an entry of obsm, obsp, varm or uns. A stage silently replaces
// a part that an earlier stage of this project wrote (`crc.obsm.X_pca` in its provenance) and
// nobody changed since. It reports each part of the user that it replaces.

import Ground

/// The parts of an object as they came in.
package struct Parts: Sendable {
  /// By place: `obsm/X_pca`, `uns/pca/variance`.
  private var digests: [String: String]
  /// The parts that stages of this project wrote, `uns/pca` being one.
  package let own: Set<String>
  /// Digests of the names of cells and genes.
  private let cellNames: String
  private let geneNames: String

  package init(of cells: CellData) {
    digests = cells.partDigests
    let parts = Parts.digestsByPart(digests)
    own = Set(parts.filter { cells.isOwn(part: $0.key, $0.value) }.keys)
    (cellNames, geneNames) = (digestOf(cells.obs.index), digestOf(cells.var.index))
  }

  /// After this call these parts count as never there: the user has been informed that they are
  /// left out.
  package mutating func forget(_ parts: [String]) { for part in parts { digests[part] = nil } }

  /// What a stage has done to them.
  package struct Changes: Sendable {
    /// The parts of the user that are replaced or gone, sorted.
    package let replaced: [String]
    /// For the provenance: JSON text by name, a digest of every part that the stage wrote.
    package let settings: [(name: String, text: String)]
  }

  /// Compares with what a stage has made of the object. What runs over an axis that was cut, or put
  /// into another order, is the same part.
  package func changes(in cells: CellData) -> Changes {
    let hasOtherGenes = digestOf(cells.var.index) != geneNames
    let hasOtherCells = digestOf(cells.obs.index) != cellNames
    func isCut(_ place: String) -> Bool {
      place.hasPrefix("varm/") ? hasOtherGenes : !place.hasPrefix("uns/") && hasOtherCells
    }
    let current = cells.partDigests
    let replaced = Set(
      digests.filter { place, digest in
        current[place] != digest && !(isCut(place) && current[place] != nil)
          && !own.contains(Parts.part(of: place))
      }.keys.map(Parts.part))
    let (before, after) = (Parts.digestsByPart(digests), Parts.digestsByPart(current))
    let written = after.filter { part, digest in
      before[part] != digest && (before[part] == nil || !isCut(part) || own.contains(part))
    }
    return Changes(
      replaced: replaced.sorted(),
      settings: written.map { (Provenance.digestSetting($0.key), JSONText.quoted($0.value)) })
  }

  /// `uns/pca` of `uns/pca/variance`; every other place is itself a part.
  private static func part(of place: String) -> String {
    guard place.hasPrefix("uns/") else { return place }
    return place.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).prefix(2)
      .joined(separator: "/")
  }

  private static func digestsByPart(_ digests: [String: String]) -> [String: String] {
    Dictionary(grouping: digests) { part(of: $0.key) }.mapValues { places in
      places.count == 1
        ? places[0].value
        : digestOf(places.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] })
    }
  }
}

extension CellData {
  /// Whether a stage of this project wrote a part that is not in `uns`, and nobody has changed it
  /// since.
  package func isOwn(part: String) -> Bool {
    partDigests[part].map { isOwn(part: part, $0) } ?? false
  }

  fileprivate func isOwn(part: String, _ digest: String) -> Bool {
    for entry in history.reversed() {
      if let noted = entry.digest(of: part) { return noted == digest }
      if !entry.hasDigests && entry.wroteUnnoted(part) { return true }
    }
    return false
  }
}

extension Provenance {
  /// What stages of the versions before 0.2 wrote without noting it.
  private static let unnotedParts: [String: Set<String>] = [
    "sc-preprocess": ["uns/second_modality"],
    "sc-knn": [
      "obsm/X_second", "obsm/X_joint", "obsp/distances", "obsp/connectivities", "uns/joint",
    ],
    "sc-pretrain": ["obsm/X_latent", "uns/loss"],
    "sc-cluster": ["obsm/X_latent", "uns/loss", "uns/confidence", "uns/grid", "uns/snapshots"],
    "sc-eval": ["obsm/X_tsne", "obsm/X_umap"],
  ]

  fileprivate func wroteUnnoted(_ part: String) -> Bool {
    switch tool {
    case "sc-knn" where settings["use"] == "null":
      if ["obsm/X_pca", "varm/PCs", "uns/pca"].contains(part) { return true }
    case "sc-pretrain" where part.hasPrefix("obsm/X_latent_"): return true
    case "sc-cluster" where part.hasPrefix("uns/") && part.hasSuffix("_colors"): return true
    default: break
    }
    return Self.unnotedParts[tool]?.contains(part) == true
  }
}
