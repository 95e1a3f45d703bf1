// scanpy's neighbors(key_added: "nn") leaves its graph as obsp/nn_distances and
// obsp/nn_connectivities, and names both in uns/nn; the entry that its tools use by default is
// uns/neighbors.

import Ground

extension CellData {
  /// Puts the graph that `uns` names where stages look for it, obsp/distances and
  /// obsp/connectivities, if nothing is there.
  ///
  /// uns/neighbors goes before an entry of another name, of which there must be only one. Returns
  /// the entry; nil where nothing changed.
  package mutating func adoptNamedGraph() -> String? {
    if obsp["distances"] != nil || obsp["connectivities"] != nil { return nil }
    let suffix = ".connectivities_key"
    let entries = settings.keys.filter { $0.hasPrefix("uns.") && $0.hasSuffix(suffix) }
      .map { String($0.dropFirst(4).dropLast(suffix.count)) }
      .filter { named("connectivities", in: $0) != nil }
    let chosen = entries.first { $0 == "neighbors" } ?? (entries.count == 1 ? entries[0] : nil)
    guard let chosen else { return nil }
    for role in ["distances", "connectivities"] {
      obsp[role] = named(role, in: chosen).flatMap { obsp[$0] }
    }
    return DottedName.names(in: chosen).joined(separator: "/")
  }

  /// The name in obsp that an entry of `uns` gives for a graph; nil where no graph has it.
  private func named(_ role: String, in entry: String) -> String? {
    let text = settings["uns.\(entry).\(role)_key"]
    return obsp.keys.first { JSONText.quoted($0) == text }
  }
}
