// What sc-knn has made of X is valid while X is unchanged. A second sc-preprocess run that changes
// X removes it. Parts of other programs stay, as in every stage.

import CellData
import StageSupport

extension CellData {
  /// Takes out the graph and the components that sc-knn made of the values that came in, `own`,
  /// if X has other values, and says so. What has changed since stays, and is named.
  mutating func removeStale(_ own: [String], _ log: Log) {
    guard !own.isEmpty, let made = history.last(where: { $0.tool == "sc-knn" }),
      made.settings["use"] == "null"
    else { return }
    let known = made.settings[CellData.valuesSetting]
    if let known, let digest = valuesDigest, known == JSONValue.string(digest).text { return }
    remove(own)
    log.note(
      "removed, because X has other values now: \(own.joined(separator: ", ")); run sc-knn again")
    let left = derivedParts.filter { made.digest(of: $0) != nil }
    if left.isEmpty { return }
    log.note(
      "kept, because they were changed after sc-knn: \(left.joined(separator: ", ")); they are not of the values that X has now"
    )
  }

  /// The parts that sc-knn derived from X and nobody has changed since, sorted.
  var ownDerivedParts: [String] {
    if obsm.isEmpty && obsp.isEmpty && varm.isEmpty { return [] }
    return Parts(of: self).own.filter(Self.isDerived).sorted()
  }

  /// The parts of obsm, obsp and varm under the names that sc-knn uses, sorted.
  private var derivedParts: [String] {
    (obsm.keys.map { "obsm/\($0)" } + obsp.keys.map { "obsp/\($0)" }
      + varm.keys.map { "varm/\($0)" })
      .filter(Self.isDerived).sorted()
  }

  private static func isDerived(_ part: String) -> Bool {
    let names = ["obsm/X_pca", "obsm/X_second", "obsm/X_joint", "varm/PCs", "uns/pca", "uns/joint"]
    let graph = ["obsp/distances", "obsp/connectivities"]
    return names.contains(part) || graph.contains(part)
      || (part.hasPrefix("obsm/") && part.hasSuffix("_harmony"))
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
