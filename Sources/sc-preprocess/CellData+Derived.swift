// What sc-knn has made of X is valid while X is unchanged. A second sc-preprocess run that changes
// X removes it. Parts of other programs stay, as in every stage.

import CellData
import StageSupport

extension CellData {
  /// If X has other values now, removes the graph and the components that sc-knn made of the
  /// input's values, `own`, and reports it.
  mutating func removeStale(_ own: [String], _ log: Log) {
    guard !own.isEmpty, let made = history.last(where: { $0.tool == "sc-knn" }),
      made.settings["use"] == "null"
    else { return }
    let known = made.settings[CellData.valuesSetting]
    if let known, let digest = valuesDigest, known == JSONValue.string(digest).text { return }
    remove(own)
    log.note(
      "removed, because X has other values now: \(own.joined(separator: ", ")); run sc-knn again")
  }

  /// The parts that sc-knn derived from X and nobody has changed since, sorted.
  var ownDerivedParts: [String] {
    let names = ["obsm/X_pca", "obsm/X_second", "obsm/X_joint", "varm/PCs", "uns/pca", "uns/joint"]
    let graph = ["obsp/distances", "obsp/connectivities"]
    if obsm.isEmpty && obsp.isEmpty && varm.isEmpty { return [] }
    return Parts(of: self).own.filter { part in
      names.contains(part) || graph.contains(part)
        || (part.hasPrefix("obsm/") && part.hasSuffix("_harmony"))
    }.sorted()
  }

  /// Takes parts out by their places: `obsm/X_pca`, `uns/pca`.
  mutating func remove(_ parts: [String]) {
    for part in parts {
      let name = String(part.drop { $0 != "/" }.dropFirst())
      switch part.prefix(4) {
      case "obsm": obsm[name] = nil
      case "obsp": obsp[name] = nil
      case "varm": varm[name] = nil
      default: clearUns(name)
      }
    }
  }
}
