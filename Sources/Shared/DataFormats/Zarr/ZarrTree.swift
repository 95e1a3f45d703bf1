// zarr stores of version 2 and 3, in folders and in zip archives. The files of each group and array
// are read. Consolidated metadata repeat them, and are not read.

import Tensors

/// An open zarr store.
final class ZarrTree: StoredTree {
  let files: any ZarrFiles
  /// Which version of the format: 2 or 3.
  let version: Int

  /// Opens the store at `path`.
  init(reading path: String, options: ReadingOptions) throws {
    let budget = StoredTree.budget(options)
    guard let files = try ZarrTree.files(at: path, budget: budget),
      let version = try ZarrTree.version(files)
    else {
      throw FormatFault("", "is not a zarr store", "check the name")
    }
    self.files = files
    self.version = version
    super.init(options: options, memoryBudget: budget)
  }

  /// Whether a zarr store is there.
  static func isStore(_ path: String) throws -> Bool {
    let budget = StoredTree.budget(ReadingOptions())
    guard let files = try files(at: path, budget: budget) else { return false }
    return try version(files) != nil
  }

  /// The files of a folder, or of an archive that holds a store; nil if it is neither.
  private static func files(at path: String, budget: Int) throws -> (any ZarrFiles)? {
    let status = try FileStatus(reading: path)
    if status.isDirectory { return ZarrFolder(path) }
    return status.isRegular ? try ZarrArchive(path, budget: budget) : nil
  }

  /// The version of a store, by the file at its root; nil if it is none.
  private static func version(_ files: any ZarrFiles) throws -> Int? {
    if try files.file("zarr.json") != nil { return 3 }
    for name in [".zgroup", ".zarray"] where try files.file(name) != nil { return 2 }
    return nil
  }

  /// The root, which contains everything in the store.
  var root: ZarrGroup {
    get throws {
      guard case .group(let group)? = try node(at: "") else {
        throw FormatFault(
          "", "a zarr array, not a group",
          "name the store that holds the object with X, obs and var")
      }
      return group
    }
  }

  /// The group that holds the object: the root, or of SpatialData its one table.
  var dataRoot: any StoredGroup {
    get throws {
      let root = try root
      let names = try root.names
      guard !names.contains(where: ["X", "obs", "var", "mod"].contains),
        let place = ["tables", "table"].first(where: names.contains),
        case .group(let tables) = try root[place]
      else { return root }
      let found = try tables.names.filter { name in
        guard case .group(let table) = try tables[name] else { return false }
        return try table.names.contains("obs")
      }
      guard let first = found.first, case .group(let table) = try tables[first] else { return root }
      guard found.count == 1 else {
        throw FormatFault(
          place, "there are several tables: \(found.joined(separator: ", "))",
          "name the folder of one of them: STORE/\(place)/\(first)", kind: .usage)
      }
      announce("\(table.path): the table is read, not the images and shapes of the store")
      return table
    }
  }

  /// A group or an array of the store.
  enum Node {
    case group(ZarrGroup)
    case array(ZarrArray)

    var stored: StoredNode {
      switch self {
      case .group(let group): .group(group)
      case .array(let array): .dataset(array)
      }
    }
  }

  /// The node at a path from the root; nil if there is nothing.
  func node(at path: String) throws -> Node? {
    try version == 2 ? nodeOfVersion2(path) : nodeOfVersion3(path)
  }

  private func nodeOfVersion2(_ path: String) throws -> Node? {
    if let metadata = try metadata(ZarrTree.key(".zarray", in: path)) {
      let attributes = try metadata2Attributes(path)
      return .array(
        try ZarrArray(self, path, try ZarrLayout(version2: metadata, at: path), attributes))
    }
    guard try metadata(ZarrTree.key(".zgroup", in: path)) != nil else { return nil }
    return .group(ZarrGroup(store: self, path: path, attributes: try metadata2Attributes(path)))
  }

  private func metadata2Attributes(_ path: String) throws -> JSONNode? {
    try metadata(ZarrTree.key(".zattrs", in: path))
  }

  private func nodeOfVersion3(_ path: String) throws -> Node? {
    let key = ZarrTree.key("zarr.json", in: path)
    guard let metadata = try metadata(key) else { return nil }
    switch metadata["node_type"]?.text {
    case "group":
      return .group(ZarrGroup(store: self, path: path, attributes: metadata["attributes"]))
    case "array":
      let layout = try ZarrLayout(version3: metadata, at: path)
      return .array(try ZarrArray(self, path, layout, metadata["attributes"]))
    default: throw FormatFault(key, "has no `node_type` of a group or an array")
    }
  }

  /// No file of metadata is larger.
  private static let largestMetadata = 1 << 28

  private func metadata(_ key: String) throws -> JSONNode? {
    guard let file = try files.file(key) else { return nil }
    guard file.count <= min(ZarrTree.largestMetadata, memoryBudget / 16) else {
      throw FormatFault(key, "\(file.count) bytes of metadata", "the store is damaged")
    }
    let node = try JSONNode(file.contents(), at: key)
    guard case .object = node else {
      throw FormatFault(key, "is not a JSON object", "the store is damaged: copy it again")
    }
    return node
  }

  /// The path of a file in a group or an array.
  static func key(_ name: String, in path: String) -> String {
    path.isEmpty ? name : "\(path)/\(name)"
  }
}

/// A group of a store.
struct ZarrGroup: StoredGroup {
  let store: ZarrTree
  let path: String
  let attributes: JSONNode?

  var tree: StoredTree { store }

  var names: [String] {
    get throws {
      let names = try store.files.folders(in: path).filter { name in
        let below = path(of: name)
        let files = store.version == 2 ? [".zarray", ".zgroup"] : ["zarr.json"]
        return try files.contains { try store.files.file(ZarrTree.key($0, in: below)) != nil }
      }
      if let fault = FormatFault(alikeIn: names, at: place) { throw fault }
      return names
    }
  }

  func member(_ name: String) throws -> StoredNode? {
    // What the data name must not lead out of the group.
    if name.isEmpty || name == "." || name == ".." || name.contains("\0") { return nil }
    return try store.node(at: path(of: name))?.stored
  }

  func attribute(_ name: String) throws -> (any StoredAttribute)? {
    ZarrAttribute(attributes?[name], of: path, name, in: store)
  }
}

/// A member of a group's or array's attributes, which are JSON.
struct ZarrAttribute: StoredAttribute {
  private let values: [JSONNode]
  private let place: String
  private let owner: String
  private let store: ZarrTree

  /// Nil if there is none, or if it is empty.
  init?(_ value: JSONNode?, of owner: String, _ name: String, in store: ZarrTree) {
    guard let value, !value.isNull else { return nil }
    values = value.list ?? [value]
    place = "\(owner)@\(name)"
    self.owner = owner
    self.store = store
  }

  var count: Int { values.count }

  var kind: ValueKind {
    switch values.first {
    case .boolean: .enumeration
    case .number(let text): Int(text) == nil ? .float : .integer(isSigned: true)
    case .text: .string(isVariable: true)
    case .null, .list, .object, nil: .other
    }
  }

  func integers() throws -> [Int] {
    try values.map { value in
      guard let number = value.integer ?? value.boolean.map({ $0 ? 1 : 0 }) else {
        throw FormatFault(place, "holds something else where numbers are needed")
      }
      return number
    }
  }

  func strings() throws -> [String] {
    try values.map { value in
      guard let text = value.text else {
        throw FormatFault(place, "holds something else where text is needed")
      }
      return text
    }
  }

  /// The array by its path from the group of this array, as AnnData 0.7 has it.
  func referencedArray() throws -> any StoredArray {
    let parent = owner.split(separator: "/").dropLast().joined(separator: "/")
    guard let name = try strings().first, case .group(let group)? = try store.node(at: parent)
    else { throw FormatFault(place, "refers to nothing") }
    return try group.required(name)
  }
}
