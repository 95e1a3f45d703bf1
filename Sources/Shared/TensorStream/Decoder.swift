import CellData
import Tensors

/// Makes the annotated object out of named tensors, and checks that they agree with each other.
enum Decoder {
  static func cellData(from container: Container) throws -> CellData {
    var folder = Folder(path: "", tensors: container.tensors, texts: container.metadata)
    let isOurs = try takeFormat(&folder.texts)
    let order = isOurs ? try takeModalityOrder(&folder.texts) : []
    return try cellData(from: folder, cells: nil, isOurs: isOurs, order: order)
  }

  /// Removes the entries about the stream itself. Returns whether the stream claims to follow our
  /// profile.
  private static func takeFormat(_ texts: inout [String: String]) throws -> Bool {
    texts[Profile.headerCRCKey] = nil
    texts[Profile.tensorCRCKey] = nil
    let (format, version) = (texts[Profile.formatKey], texts[Profile.versionKey])
    guard format == nil && version != nil || format == Profile.format else { return false }
    guard version == Profile.version else {
      throw StreamFault.metadata(
        Profile.versionKey, "\(version.map { shown($0) } ?? "missing"), not \"\(Profile.version)\"",
        remedy: "read the stream with the version of the programs that wrote it")
    }
    texts[Profile.formatKey] = nil
    texts[Profile.versionKey] = nil
    return true
  }

  private static func takeModalityOrder(_ texts: inout [String: String]) throws -> [String] {
    guard let text = texts.removeValue(forKey: Profile.modalitiesKey) else { return [] }
    return try names(in: text, key: Profile.modalitiesKey)
  }

  /// The strings of a JSON array, each of which may appear once.
  static func names(in text: String, key: String) throws -> [String] {
    var scanner = JSONScanner(text: text, label: "metadata \(shown(key))")
    var result: [String] = []
    try scanner.elements { scanner in result.append(try scanner.string()) }
    try scanner.end()
    if Set(result).count != result.count {
      throw StreamFault.metadata(key, "a name appears twice")
    }
    return result
  }

  /// The object below a folder; `cells` are the names of the main object's rows if this is one of
  /// its modalities.
  private static func cellData(
    from folder: Folder, cells: [String]?, isOurs: Bool, order: [String]
  ) throws -> CellData {
    var rest = folder
    let tables = rest.takeTables()
    let decoder = try TableDecoder(tables, path: folder.path, cells: cells)
    var data = try decoder.cellData()
    data.tensors = rest.tensors
    try takeTexts(rest.texts, path: folder.path, into: &data, isOurs: isOurs)
    guard let modalities = tables["mod"] else {
      if let name = order.first { throw missingModality(name) }
      return data
    }
    if cells != nil { throw StreamFault.tensor(modalities.path, "a modality inside a modality") }
    data.modalities = try self.modalities(
      modalities, cells: data.obs.index, isOurs: isOurs, order: order)
    return data
  }

  private static func modalities(
    _ folder: Folder, cells: [String], isOurs: Bool, order: [String]
  ) throws -> [Modality] {
    var found: [String: Folder] = [:]
    for (component, child) in try folder.children() {
      if found.updateValue(child, forKey: Profile.unescaped(component)) != nil {
        throw StreamFault.tensor(child.path, "two modalities of this name")
      }
    }
    for name in order where found[name] == nil { throw missingModality(name) }
    let listed = Set(order)
    let names = order + found.keys.filter { !listed.contains($0) }.sorted(by: precedes)
    return try names.compactMap { name in
      guard let child = found[name] else { return nil }
      return Modality(
        name: name, data: try cellData(from: child, cells: cells, isOurs: isOurs, order: []))
    }
  }

  private static func missingModality(_ name: String) -> StreamFault {
    .metadata(Profile.modalitiesKey, "\(shown(name)) has no tensors")
  }

  /// The history, the settings, and what other writers noted.
  private static func takeTexts(
    _ texts: [String: String], path: String, into data: inout CellData, isOurs: Bool
  ) throws {
    for (key, text) in texts {
      if key == Profile.historyKey && isOurs {
        data.history = try History.entries(in: text, key: path + key)
      } else if key.hasPrefix(Profile.settingsPrefix) {
        data.settings[key] = text
      } else {
        data.settings[Profile.foreignPrefix + key] = JSONText.quoted(text)
      }
    }
  }
}
