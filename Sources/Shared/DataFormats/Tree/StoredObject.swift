import Tensors

/// A group or an array: what has attributes.
protocol StoredObject {
  /// The file or store that contains it.
  var tree: StoredTree { get }
  /// Its path from the root, without a slash before it.
  var path: String { get }
  /// The attribute of that name; nil if there is none, or if it holds nothing.
  func attribute(_ name: String) throws -> (any StoredAttribute)?
}

/// A small value attached to a group or an array.
protocol StoredAttribute {
  /// The number of values.
  var count: Int { get }
  /// What kind they are.
  var kind: ValueKind { get }
  /// The values as whole numbers.
  func integers() throws -> [Int]
  /// The values as text.
  func strings() throws -> [String]
  /// The array that the attribute refers to.
  func referencedArray() throws -> any StoredArray
}

/// A member of a group.
enum StoredNode {
  case group(any StoredGroup)
  case dataset(any StoredArray)

  var object: any StoredObject {
    switch self {
    case .group(let group): group
    case .dataset(let dataset): dataset
    }
  }
}

/// A folder of a tree.
protocol StoredGroup: StoredObject {
  /// The names of the members, sorted; names that are not UTF-8 are left out.
  var names: [String] { get throws }
  /// The member of that name, which has no slash; nil if there is none. Links out of the file or
  /// store are refused.
  func member(_ name: String) throws -> StoredNode?
}

extension StoredObject {
  /// The place for faults.
  var place: String { path.isEmpty ? "/" : path }

  /// A single text; nil if the attribute is missing or something else.
  func text(_ name: String) throws -> String? {
    guard let attribute = try attribute(name), attribute.count == 1, case .string = attribute.kind
    else { return nil }
    return try attribute.strings().first
  }

  /// A list of texts; nil if the attribute is missing, empty if it is an empty list of any type.
  func texts(_ name: String) throws -> [String]? {
    guard let attribute = try attribute(name) else { return nil }
    return attribute.count == 0 ? [] : try attribute.strings()
  }

  /// A boolean; false if it is missing.
  func flag(_ name: String) throws -> Bool {
    guard let attribute = try attribute(name), attribute.kind.isNumeric, attribute.count == 1
    else { return false }
    return try attribute.integers() != [0]
  }
}

extension StoredGroup {
  func path(of name: String) -> String { path.isEmpty ? name : path + "/" + name }

  /// The member of that name (or path below this group); nil if there is none.
  subscript(name: String) -> StoredNode? {
    get throws {
      var node = StoredNode.group(self)
      for part in name.split(separator: "/") {
        guard case .group(let group) = node, let next = try group.member(String(part)) else {
          return nil
        }
        node = next
      }
      return node
    }
  }

  /// The member of that name, which must be a group.
  func group(_ name: String) throws -> (any StoredGroup)? {
    switch try self[name] {
    case nil: return nil
    case .group(let group): return group
    case .dataset:
      throw FormatFault(path(of: name), "an array where a group is needed")
    }
  }

  /// The member of that name, which must be an array.
  func dataset(_ name: String) throws -> (any StoredArray)? {
    switch try self[name] {
    case nil: return nil
    case .dataset(let dataset): return dataset
    case .group: throw FormatFault(path(of: name), "a group where an array is needed")
    }
  }

  /// The array of that name; a fault if there is none.
  func required(_ name: String) throws -> any StoredArray {
    guard let dataset = try dataset(name) else {
      throw FormatFault(path(of: name), "is missing")
    }
    return dataset
  }
}
