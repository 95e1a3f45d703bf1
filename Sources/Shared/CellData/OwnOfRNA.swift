// MuData has columns of the cells, embeddings, graphs and `uns` twice: for all modalities together
// and for each one. Here the joint ones keep their names. A part of the RNA under the same name is
// called `rna:NAME`. The setting `uns.of_rna` lists these names, so that a writer of MuData puts
// the parts back into the RNA.

import Ground
import Tensors

extension CellData {
  private static let listKey = "uns.of_rna"
  private static let prefix = "rna:"

  /// The places of the parts that both have: `obs/leiden`, `uns/info`. Sorted.
  package var placesOfRNA: [String] {
    settings[Self.listKey].flatMap { JSONText.strings(in: $0) } ?? []
  }

  /// Puts what all modalities share into the object, which is the RNA's. If both have a different
  /// part of one name, the RNA's becomes `rna:NAME`.
  ///
  /// The cells of `joint` are those of the object, in the same order.
  package mutating func addJointParts(_ joint: CellData) {
    var places = Set(placesOfRNA)
    func own(_ name: String, _ table: String) -> String {
      places.insert("\(table)/\(name)")
      return Self.prefix + name
    }
    for name in joint.obs.columnNames {
      guard let column = joint.obs[name] else { continue }
      // Equal values keep the RNA's type.
      if let mine = obs[name], mine.digest == column.digest { continue }
      // What muon copied as rna:NAME into the common table is not newer than the RNA's.
      if let mine = obs[name] { obs[own(name, "obs")] = mine }
      obs[name] = column
    }
    for (name, matrix) in joint.obsm {
      if let mine = obsm[name], mine != matrix { obsm[own(name, "obsm")] = mine }
      obsm[name] = matrix
    }
    for (name, graph) in joint.obsp {
      if let mine = obsp[name], mine != graph { obsp[own(name, "obsp")] = mine }
      obsp[name] = graph
    }
    for name in joint.unsNames {
      if let mine = takeUns(name, of: joint) { setUns(mine, own(name, "uns")) }
    }
    for (name, tensor) in joint.tensors where !name.hasPrefix("uns.") { tensors[name] = tensor }
    settings[Self.listKey] = places.isEmpty ? nil : JSONText.array(of: places.sorted())
  }

  /// The object with the joint parts, and another with the parts of the RNA alone. The second holds
  /// its table of cells, and its embeddings, graphs and `uns` that share a name with a joint part.
  package func splitByOwner() -> (joint: CellData, rna: CellData) {
    var joint = self
    joint.settings[Self.listKey] = nil
    var rna = CellData(obs: obs, var: Frame(index: []))
    for place in placesOfRNA {
      let parts = place.split(separator: "/", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { continue }
      let (name, kept) = (parts[1], Self.prefix + parts[1])
      switch parts[0] {
      case "obs":
        guard let column = obs[kept] else { continue }
        rna.obs[kept] = nil
        rna.obs[name] = column
      case "obsm":
        rna.obsm[name] = obsm[kept]
        joint.obsm[kept] = nil
      case "obsp":
        rna.obsp[name] = obsp[kept]
        joint.obsp[kept] = nil
      case "uns":
        rna.setUns(uns(kept), name)
        joint.clearUns(kept)
      default: continue
      }
    }
    return (joint, rna)
  }

  // MARK: Entries of uns

  /// The contents of one entry of `uns`, by their names below it; "" for the entry itself.
  private struct UnsEntry: Equatable {
    var settings: [String: String] = [:]
    var tensors: [String: Tensor] = [:]

    var isEmpty: Bool { settings.isEmpty && tensors.isEmpty }
  }

  /// The names of the entries, sorted.
  private var unsNames: [String] {
    let keys = Array(settings.keys) + Array(tensors.keys)
    let names = keys.filter { $0.hasPrefix("uns.") }.map {
      String($0.dropFirst(4).prefix { $0 != "." })
    }
    return Set(names).sorted()
  }

  /// Replaces an entry by that of another object. Returns the previous entry if it was different.
  private mutating func takeUns(_ name: String, of other: CellData) -> UnsEntry? {
    let (mine, theirs) = (uns(name), other.uns(name))
    setUns(theirs, name)
    return mine.isEmpty || mine == theirs ? nil : mine
  }

  private func uns(_ name: String) -> UnsEntry {
    let key = "uns.\(name)"
    func below<Value>(_ values: [String: Value]) -> [String: Value] {
      let found = values.filter { $0.key == key || $0.key.hasPrefix(key + ".") }
      return Dictionary(
        uniqueKeysWithValues: found.map { (String($0.key.dropFirst(key.count)), $0.value) })
    }
    return UnsEntry(settings: below(settings), tensors: below(tensors))
  }

  /// Replaces an entry as a whole.
  private mutating func setUns(_ entry: UnsEntry, _ name: String) {
    clearUns(name)
    for (rest, text) in entry.settings { settings["uns.\(name)\(rest)"] = text }
    for (rest, tensor) in entry.tensors { tensors["uns.\(name)\(rest)"] = tensor }
  }
}
