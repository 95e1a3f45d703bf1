import CellData
import Tensors

/// Gathers the tensors and the metadata of an annotated object under their names.
struct Encoder {
  private(set) var tensors: [String: Tensor] = [:]
  private(set) var metadata: [String: String] = [:]

  /// The whole object.
  mutating func encode(_ data: CellData) throws {
    try note(Profile.formatKey, Profile.format)
    try note(Profile.versionKey, Profile.version)
    try encodeTables(data, path: "", cells: nil)
    if data.modalities.isEmpty { return }
    try note(Profile.modalitiesKey, JSONText.array(of: data.modalities.map(\.name)))
    for modality in data.modalities {
      let path = "mod.\(Profile.escaped(modality.name))."
      guard modality.data.modalities.isEmpty else {
        throw StreamFault.unwritable(path, "a modality that has modalities")
      }
      guard modality.data.cellCount == data.cellCount else {
        throw StreamFault.unwritable(
          path, "\(modality.data.cellCount) cells beside \(data.cellCount)")
      }
      try encodeTables(modality.data, path: path, cells: data.obs.index)
    }
  }

  /// One modality; `cells` are the names of the main one's rows.
  private mutating func encodeTables(_ data: CellData, path: String, cells: [String]?) throws {
    let (n, m) = (data.cellCount, data.geneCount)
    try encode(data.obs, path: path + "obs", withIndex: cells != data.obs.index)
    try encode(data.var, path: path + "var", withIndex: true)
    if let x = data.x { try encode(x, named: path + "X", rows: n, columns: m) }
    for (name, matrix) in data.layers {
      try encode(matrix, named: "\(path)layers.\(Profile.escaped(name))", rows: n, columns: m)
    }
    if let raw = data.raw {
      try encode(raw.var, path: path + "raw.var", withIndex: true)
      let (name, columns) = (path + "raw.X", raw.var.rowCount)
      if let stored = raw.stored {
        try encode(stored, named: name, rows: n, columns: columns)
      } else {
        try encode(raw.x, named: name, rows: n, columns: columns)
      }
    }
    for (name, matrix) in data.obsm {
      try encode(
        matrix, named: "\(path)obsm.\(Profile.escaped(name))", rows: n, mustBeFinite: true)
    }
    for (name, matrix) in data.varm {
      try encode(
        matrix, named: "\(path)varm.\(Profile.escaped(name))", rows: m, mustBeFinite: false)
    }
    for (name, matrix) in data.obsp {
      try encode(
        matrix, named: "\(path)obsp.\(Profile.escaped(name))", rows: n, columns: n,
        values: Tensor(matrix.values))
    }
    try encodeRest(of: data, path: path)
  }

  /// What belongs to no table.
  private mutating func encodeRest(of data: CellData, path: String) throws {
    for (name, tensor) in data.tensors {
      let head = String(name.prefix { $0 != "." })
      if name.isEmpty || name == "__metadata__" || Profile.tables.contains(head) {
        throw StreamFault.unwritable(path + name, "its name is kept for tables")
      }
      try put(path + name, tensor)
    }
    for (key, value) in data.settings {
      guard key.hasPrefix(Profile.settingsPrefix) else {
        throw StreamFault.unwritable(path + key, "a setting whose name does not begin with uns.")
      }
      try note(path + key, value)
    }
    if data.history.isEmpty { return }
    try note(path + Profile.historyKey, try History.text(of: data.history))
  }

  mutating func put(_ name: String, _ tensor: Tensor) throws {
    if tensors.updateValue(tensor, forKey: name) != nil {
      throw StreamFault.unwritable(name, "two tensors of this name")
    }
  }

  mutating func note(_ key: String, _ value: String) throws {
    if metadata.updateValue(value, forKey: key) != nil {
      throw StreamFault.unwritable(key, "two metadata texts of this name")
    }
  }
}
