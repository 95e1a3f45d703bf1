import CellData
import Tensors

/// Tensors and metadata that share a beginning of their names; their keys here are the rest of the
/// names.
struct Folder {
  /// The part of the full names before the keys, with the dot: empty or `mod.adt.`.
  let path: String
  var tensors: [String: Tensor] = [:]
  var texts: [String: String] = [:]

  /// The last components of metadata keys that describe tables.
  private static let describing: Set<String> = ["encoding", "shape", "ordered", "columns"]

  /// Removes and returns the parts of tables, by first component. `X` itself keeps its whole name.
  mutating func takeTables() -> [String: Folder] {
    let rest = Folder(path: path)
    let all = self
    var tables: [String: Folder] = [:]
    self = rest
    for (name, tensor) in all.tensors {
      let (head, tail) = Self.split(name)
      guard Profile.tables.contains(head), let key = head == "X" ? name : tail else {
        tensors[name] = tensor
        continue
      }
      tables[head, default: all.subfolder(head)].tensors[key] = tensor
    }
    for (name, text) in all.texts {
      let (head, tail) = Self.split(name)
      let last = name.split(separator: ".", omittingEmptySubsequences: false).last.map(String.init)
      guard Profile.tables.contains(head), let key = head == "X" ? name : tail,
        head == "mod" || Self.describing.contains(last ?? "")
      else {
        texts[name] = text
        continue
      }
      tables[head, default: all.subfolder(head)].texts[key] = text
    }
    return tables
  }

  /// One folder a first component; nil if a name has no second one.
  func children() throws -> [String: Folder] {
    var result: [String: Folder] = [:]
    for (name, tensor) in tensors {
      let (head, tail) = Self.split(name)
      guard let tail else { throw StreamFault.tensor(path + name, "it belongs to no table") }
      result[head, default: subfolder(head)].tensors[tail] = tensor
    }
    for (name, text) in texts {
      let (head, tail) = Self.split(name)
      guard let tail else { throw StreamFault.metadata(path + name, "it describes no table") }
      result[head, default: subfolder(head)].texts[tail] = text
    }
    return result
  }

  /// The tensors and texts of each table entry: by name, and within it by ending.
  func parts(tensorEndings: [String], textEndings: [String]) -> [String: Parts] {
    var result: [String: Parts] = [:]
    for (key, tensor) in tensors {
      let (name, ending) = Self.cut(key, tensorEndings)
      result[name, default: Parts(name: path + name)].tensors[ending] = tensor
    }
    for (key, text) in texts {
      let (name, ending) = Self.cut(key, textEndings)
      result[name, default: Parts(name: path + name)].texts[ending] = text
    }
    return result
  }

  private func subfolder(_ head: String) -> Folder {
    Folder(path: head == "X" ? path : "\(path)\(head).")
  }

  private static func split(_ name: String) -> (head: String, tail: String?) {
    guard let dot = name.utf8.firstIndex(of: UInt8(ascii: ".")) else { return (name, nil) }
    return (String(name[..<dot]), String(name[name.utf8.index(after: dot)...]))
  }

  private static func cut(_ key: String, _ endings: [String]) -> (name: String, ending: String) {
    for ending in endings where key.utf8.count >= ending.utf8.count {
      let start = key.utf8.index(key.utf8.endIndex, offsetBy: -ending.utf8.count)
      if key.utf8[start...].elementsEqual(ending.utf8) { return (String(key[..<start]), ending) }
    }
    return (key, "")
  }
}

/// What belongs to one matrix or column.
struct Parts {
  /// The full name, as messages have it.
  let name: String
  /// By ending: `""`, `.data`, `.codes`, ….
  var tensors: [String: Tensor] = [:]
  var texts: [String: String] = [:]

  /// The tensor of that ending, which must be there.
  func tensor(_ ending: String) throws -> Tensor {
    guard let tensor = tensors[ending] else {
      throw StreamFault.tensor(name + ending, "missing beside \(shown(name + beside))")
    }
    return tensor
  }

  private var beside: String { tensors.keys.min() ?? "" }

  /// Throws unless exactly these tensors are there, and no texts but these.
  func require(_ endings: [String], texts allowed: [String]) throws {
    for ending in endings { _ = try tensor(ending) }
    if let other = tensors.keys.filter({ !endings.contains($0) }).min() {
      throw StreamFault.tensor(
        name + other, "it cannot be combined with \(shown(name + (endings.first ?? "")))")
    }
    if let other = texts.keys.filter({ !allowed.contains($0) }).min() {
      throw StreamFault.metadata(name + other, "it does not belong to such a tensor")
    }
  }
}
