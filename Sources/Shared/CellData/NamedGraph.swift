// scanpy's neighbors(key_added: "nn") leaves its graph as obsp/nn_distances and
// obsp/nn_connectivities, and names both in uns/nn. By default its tools use the entry
// uns/neighbors, so a copy of the graph has a copy of its parameters there.

import Ground

extension CellData {
  /// Puts the graph that `uns` names where stages look for it, obsp/distances and
  /// obsp/connectivities, if nothing is there.
  ///
  /// uns/neighbors goes before an entry of another name, of which there must be only one. Returns
  /// the entry; nil where nothing changed.
  package mutating func useNamedGraph() -> String? {
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
    describeGraph(as: chosen)
    return DottedName.names(in: chosen).joined(separator: "/")
  }

  /// Says in uns/neighbors of the graph in its new place what another entry says of it: how scanpy
  /// made it. An entry without parameters says nothing.
  private mutating func describeGraph(as entry: String) {
    let (source, target) = ("uns.\(entry).params.", "uns.neighbors.params.")
    let hasOwn = (Array(settings.keys) + Array(tensors.keys)).contains {
      $0.hasPrefix("uns.neighbors.")
    }
    let parameters = settings.filter { $0.key.hasPrefix(source) }
    if hasOwn || parameters.isEmpty { return }
    for (key, value) in parameters { settings[target + key.dropFirst(source.count)] = value }
    for (key, value) in tensors where key.hasPrefix(source) {
      tensors[target + key.dropFirst(source.count)] = value
    }
    for role in ["distances", "connectivities"] where obsp[role] != nil {
      settings["uns.neighbors.\(role)_key"] = JSONText.quoted(role)
    }
  }

  /// The name in obsp that an entry of `uns` gives for a graph; nil where no graph has it.
  private func named(_ role: String, in entry: String) -> String? {
    let text = settings["uns.\(entry).\(role)_key"]
    return obsp.keys.first { JSONText.quoted($0) == text }
  }
}
