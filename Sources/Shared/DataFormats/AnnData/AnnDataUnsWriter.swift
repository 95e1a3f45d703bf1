import CellData
import Tensors

/// Writes `uns`: what AnnData can hold to AnnData's own place, the rest to our group.
struct AnnDataUnsWriter {
  let parent: any WritableGroup

  func write(_ data: CellData) throws {
    let uns = try parent.create("uns", encoding: "dict")
    var ownTensors = data.tensors
    var ownSettings = data.settings.filter { !CellData.isIndexName($0.key) }
    for (name, value) in ownSettings.sorted(by: { $0.key < $1.key }) {
      if try write(setting: value, name, in: uns) { ownSettings[name] = nil }
    }
    for (name, tensor) in data.tensors.sorted(by: { $0.key < $1.key }) {
      if try write(tensor: tensor, name, in: uns) { ownTensors[name] = nil }
    }
    try writeNeighbors(data, in: uns)
    guard
      !(ownTensors.isEmpty && ownSettings.isEmpty && data.history.isEmpty
        && data.modalities.isEmpty)
    else { return }
    let own = try uns.create(ownGroupName, encoding: "dict")
    try AnnDataOwnWriter(group: own).write(
      data, tensors: ownTensors, settings: ownSettings)
  }

  /// The place of a dotted name: the group, made if needed, and the last part. Nil if it cannot be
  /// in `uns`.
  private func place(_ name: String, in uns: any WritableGroup) throws -> (
    any WritableGroup, String
  )? {
    let parts = DottedName.names(in: name)
    guard parts.count >= 2, parts.count <= 32, parts[0] == "uns", parts[1] != ownGroupName,
      parts.allSatisfy({ storable($0) == $0 }),
      let last = parts.last
    else { return nil }
    var group = uns
    for part in parts.dropFirst().dropLast() {
      if let inner = try group.child(part) {
        group = inner
      } else if try group.contains(part) {
        return nil
      } else {
        group = try group.create(part, encoding: "dict")
      }
    }
    return try group.contains(last) ? nil : (group, last)
  }

  private func write(setting text: String, _ name: String, in uns: any WritableGroup) throws -> Bool
  {
    let value = SettingValue(text)
    let list = SettingValue.list(text)
    guard value != nil || list != nil, !text.contains("\\u0000"),
      let (group, last) = try place(name, in: uns)
    else { return false }
    switch value {
    case .string(let text): try group.write([text], last, isSingle: true)
    case .integer(let number): try group.write(Buffer([number]), last, shape: [])
    case .number(let number): try group.write(Buffer([number]), last, shape: [])
    case .boolean(let flag): try group.write(booleans: Buffer([flag ? 1 : 0]), last, shape: [])
    case nil: try group.write(list ?? [], last)
    }
    return true
  }

  private func write(tensor: Tensor, _ name: String, in uns: any WritableGroup) throws -> Bool {
    let isPlain = tensor.elementType != .float16 && tensor.elementType != .bfloat16
    // A single value that is finite, and no larger than Int's largest, would be read as a setting.
    guard isPlain, !tensor.shape.isEmpty || tensor.isNoSetting,
      let (group, last) = try place(name, in: uns)
    else { return false }
    try group.write(tensor, last)
    return true
  }

  /// The entry that scanpy's tools need with the graphs. It follows from the graphs, so reading
  /// leaves it out.
  private func writeNeighbors(_ data: CellData, in uns: any WritableGroup) throws {
    guard let distances = data.obsp["distances"], data.obsp["connectivities"] != nil,
      try !uns.contains("neighbors")
    else { return }
    let target = try uns.create("neighbors", encoding: "dict")
    try target.setAttribute(ownGroupName, "derived")
    try target.write(["connectivities"], "connectivities_key", isSingle: true)
    try target.write(["distances"], "distances_key", isSingle: true)
    let parameters = try target.create("params", encoding: "dict")
    let knn = data.history.last { $0.settings["neighbors"] != nil || $0.settings["metric"] != nil }
    let metric = knn?.settings["metric"].flatMap(SettingValue.init)
    let neighbors = distances.rows > 0 ? distances.range(ofRow: 0).count + 1 : 0
    try parameters.write(Buffer([neighbors]), "n_neighbors", shape: [])
    try parameters.write(["knn"], "method", isSingle: true)
    if case .string(let name) = metric {
      try parameters.write([name], "metric", isSingle: true)
    } else {
      try parameters.write(["euclidean"], "metric", isSingle: true)
    }
    try parameters.write(
      Buffer([Int(clamping: knn?.seed ?? 0)]), "random_state", shape: [])
    try writeEmbedding(data, in: parameters)
  }

  /// Names the embedding under the graph as scanpy does: components by their number, any other by
  /// its name. With a name, scanpy's `tl.ingest` does not compute components of new cells.
  private func writeEmbedding(_ data: CellData, in parameters: any WritableGroup) throws {
    guard let made = data.history.last(where: { $0.tool == "sc-knn" }) else { return }
    let name = data.embedding(ofGraphBy: made)
    guard let points = data.obsm[name] else { return }
    if name == "X_pca" {
      try parameters.write(Buffer([points.columns]), "n_pcs", shape: [])
    } else if storable(name) == name {
      try parameters.write([name], "use_rep", isSingle: true)
    }
  }
}

/// Writes our group in `uns`.
struct AnnDataOwnWriter {
  let group: any WritableGroup

  func write(_ data: CellData, tensors: [String: Tensor], settings: [String: String]) throws {
    let tensorGroup = try group.create("tensors", encoding: "dict")
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      try tensorGroup.write(tensor, try tensorGroup.freeName(name))
    }
    try write(settings, "settings", in: group)
    let history = try group.create("history", encoding: "dict")
    for (i, entry) in data.history.enumerated() {
      let digits = String(i)
      let name = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
      let target = try history.create(name, encoding: "dict")
      try target.write([entry.tool], "tool", isSingle: true)
      try target.write([entry.version], "version", isSingle: true)
      try target.write([entry.inputCRC], "input_crc", isSingle: true)
      try target.write(Buffer([entry.seed]), "seed", shape: [])
      try write(entry.settings, "settings", in: target)
    }
    guard !data.modalities.isEmpty else { return }
    let modalities = try group.create("modalities", encoding: "dict")
    var order: [String] = []
    for modality in data.modalities {
      let name = try modalities.freeName(modality.name)
      try AnnDataWriter(group: modalities.create(name, encoding: "dict")).write(modality.data)
      order.append(name)
    }
    try modalities.setAttribute("mod-order", order)
  }

  private func write(_ settings: [String: String], _ name: String, in parent: any WritableGroup)
    throws
  {
    let target = try parent.create(name, encoding: "dict")
    for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
      try target.write([value], try target.freeName(key), isSingle: true)
    }
  }
}

extension Tensor {
  /// Whether it is one number without dimensions that is NaN, infinite or above Int's largest.
  fileprivate var isNoSetting: Bool {
    guard shape.isEmpty else { return false }
    switch elementType {
    case .float32: return bytes.reinterpreted(as: Float.self).firstNonFinite != nil
    case .float64: return bytes.reinterpreted(as: Double.self).firstNonFinite != nil
    case .uint64: return bytes.reinterpreted(as: UInt64.self).contains { $0 > UInt64(Int.max) }
    default: return false
    }
  }
}

extension WritableGroup {
  /// Writes a tensor in its own type; 16-bit floats as their bits, with an attribute that names the
  /// type.
  func write(_ tensor: Tensor, _ name: String) throws {
    let (bytes, shape) = (tensor.bytes, tensor.shape)
    switch tensor.elementType {
    case .bool: try write(booleans: bytes, name, shape: shape)
    case .uint8: try write(bytes, name, shape: shape)
    case .int8: try write(bytes.reinterpreted(as: Int8.self), name, shape: shape)
    case .uint16: try write(bytes.reinterpreted(as: UInt16.self), name, shape: shape)
    case .int16: try write(bytes.reinterpreted(as: Int16.self), name, shape: shape)
    case .uint32: try write(bytes.reinterpreted(as: UInt32.self), name, shape: shape)
    case .int32: try write(bytes.reinterpreted(as: Int32.self), name, shape: shape)
    case .uint64: try write(bytes.reinterpreted(as: UInt64.self), name, shape: shape)
    case .int64: try write(bytes.reinterpreted(as: Int.self), name, shape: shape)
    case .float32: try write(bytes.reinterpreted(as: Float.self), name, shape: shape)
    case .float64: try write(bytes.reinterpreted(as: Double.self), name, shape: shape)
    case .float16, .bfloat16:
      let target = try write(bytes.reinterpreted(as: UInt16.self), name, shape: shape)
      try target.setAttribute("element-type", tensor.elementType.rawValue)
    }
  }
}
