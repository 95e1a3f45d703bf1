// Writing zarr of version 2, which everything that opens AnnData or MuData in zarr reads. The
// chunks are written as they come; the metadata are collected and written at the end, once for each
// group and array and once more for all together (consolidated), so that a store far away opens
// with one request.

import CellData
import Ground
import Tensors

extension DataFormats {
  /// Writes an object into an empty folder as a zarr store: MuData where it has several modalities,
  /// else AnnData. Equal objects give equal bytes. Throws FormatFault of kind `inputOutput`.
  package static func writeZarr(_ data: CellData, toFolder path: String) throws {
    try writeZarr(data, to: ZarrFolderTarget(path))
  }

  /// Writes an object as a zarr store in a zip archive, whose bytes `write` gets one after another.
  package static func writeZarr(
    _ data: CellData, toArchive write: @escaping (Buffer<UInt8>) throws -> Void
  ) throws {
    try writeZarr(data, to: ZarrArchiveTarget(write))
  }

  private static func writeZarr(_ data: CellData, to target: any ZarrTarget) throws {
    let writer = ZarrWriter(target)
    if data.modalities.isEmpty {
      try writeAnnData(data, in: writer.root)
    } else {
      try MuDataWriter(root: writer.root).write(data.withStorableModalities())
    }
    try writer.finish()
  }
}

/// Where the files of a store go.
protocol ZarrTarget: AnyObject {
  func put(_ bytes: Buffer<UInt8>, _ key: String) throws
  /// Everything has been put.
  func finish() throws
}

/// A store that is being written.
final class ZarrWriter {
  private struct Node {
    /// The content of `.zarray`; nil for a group.
    let array: String?
    var attributes: [(key: String, value: String)] = []
  }

  private let target: any ZarrTarget
  private var nodes: [String: Node] = ["": Node(array: nil)]

  init(_ target: any ZarrTarget) { self.target = target }

  var root: ZarrNewGroup { ZarrNewGroup(writer: self, path: "") }

  func contains(_ path: String) -> Bool { nodes[path] != nil }
  func isGroup(_ path: String) -> Bool { nodes[path].map { $0.array == nil } ?? false }

  func add(_ path: String, array: String?) throws {
    let name = path.split(separator: "/").last ?? ""
    guard name.utf8.count <= 255 else {
      throw FormatFault(
        path, "the name is longer than the 255 bytes that a file's may have",
        "shorten it, or write an .h5ad file")
    }
    nodes[path] = Node(array: array)
  }

  func setAttribute(_ name: String, _ value: String, of path: String) {
    nodes[path]?.attributes.append((name, value))
  }

  func put(_ bytes: Buffer<UInt8>, _ key: String) throws { try target.put(bytes, key) }

  /// Writes the metadata.
  func finish() throws {
    var all: [(key: String, value: String)] = []
    for (path, node) in nodes.sorted(by: { $0.key < $1.key }) {
      let own = node.array == nil ? ".zgroup" : ".zarray"
      all.append((ZarrTree.key(own, in: path), node.array ?? #"{"zarr_format":2}"#))
      if node.attributes.isEmpty { continue }
      all.append((ZarrTree.key(".zattrs", in: path), JSONText.object(node.attributes)))
    }
    for (key, value) in all { try target.put(Buffer(value.utf8), key) }
    let consolidated = JSONText.object([
      ("metadata", JSONText.object(all)), ("zarr_consolidated_format", "1"),
    ])
    try target.put(Buffer(consolidated.utf8), ".zmetadata")
    try target.finish()
  }
}

/// A group or an array that is being written.
class ZarrNewObject: WritableObject {
  let writer: ZarrWriter
  let path: String

  init(writer: ZarrWriter, path: String) {
    self.writer = writer
    self.path = path
  }

  func setAttribute(_ name: String, _ text: String) throws {
    writer.setAttribute(name, JSONText.quoted(text), of: path)
  }

  func setAttribute(_ name: String, _ texts: [String]) throws {
    writer.setAttribute(name, JSONText.array(of: texts), of: path)
  }

  func setAttribute(_ name: String, _ numbers: [Int]) throws {
    writer.setAttribute(name, JSONText.array(numbers.map(String.init)), of: path)
  }

  func setAttribute(_ name: String, _ flag: Bool) throws {
    writer.setAttribute(name, flag ? "true" : "false", of: path)
  }

  /// By its path, as AnnData 0.7 has it in zarr.
  func setAttribute(_ name: String, referringTo other: String) throws {
    let parent = path.split(separator: "/").dropLast().joined(separator: "/")
    try setAttribute(name, String(other.dropFirst(parent.isEmpty ? 0 : parent.count + 1)))
  }
}

/// A group that is being written.
final class ZarrNewGroup: ZarrNewObject, WritableGroup {
  var isForAnnData07: Bool { false }

  private func path(of name: String) -> String { ZarrTree.key(name, in: path) }

  func contains(_ name: String) throws -> Bool { writer.contains(path(of: name)) }

  func child(_ name: String) throws -> (any WritableGroup)? {
    writer.isGroup(path(of: name)) ? ZarrNewGroup(writer: writer, path: path(of: name)) : nil
  }

  func makeGroup(_ name: String) throws -> any WritableGroup {
    try writer.add(path(of: name), array: nil)
    return ZarrNewGroup(writer: writer, path: path(of: name))
  }

  func makeArray<Element: StoredNumber>(
    _ name: String, _ values: Buffer<Element>, shape: [Int], type: NumberType
  ) throws -> any WritableObject {
    let plan = ZarrNewArray(shape: shape, dtype: type.version2Name, valueSize: type.size)
    return try write(plan, name) { range in
      let part = values.slice(range)
      if type == Element.numberType { return part.reinterpreted(as: UInt8.self) }
      return type.converted(part)
    }
  }

  func makeArray(_ name: String, booleans: Buffer<UInt8>, shape: [Int]) throws
    -> any WritableObject
  {
    let plan = ZarrNewArray(shape: shape, dtype: "|b1", valueSize: 1, fill: "false")
    return try write(plan, name) { booleans.slice($0) }
  }

  func makeArray(_ name: String, texts: [String], shape: [Int]) throws -> any WritableObject {
    let plan = ZarrNewArray(textsOfShape: shape)
    let place = path(of: name)
    try writer.add(place, array: plan.metadata)
    for (number, range) in plan.parts {
      let bytes = ZarrTexts.packed(texts[range], count: plan.chunkCount)
      try writer.put(try Blosc.packed(bytes, valueSize: 1), "\(place)/\(plan.key(number))")
    }
    return ZarrNewObject(writer: writer, path: place)
  }

  /// Writes an array whose values `bytes` has, by their numbers.
  private func write(
    _ plan: ZarrNewArray, _ name: String, _ bytes: (Range<Int>) -> Buffer<UInt8>
  ) throws -> any WritableObject {
    let place = path(of: name)
    try writer.add(place, array: plan.metadata)
    let size = plan.chunkCount * plan.valueSize
    for (number, range) in plan.parts {
      var chunk = bytes(range)
      if chunk.count < size {
        // The last chunk is as large as the others.
        var whole = Buffer<UInt8>(repeating: 0, count: size)
        whole.copy(0..<chunk.count, of: chunk, to: 0)
        chunk = whole
      }
      let packed = try Blosc.packed(chunk, valueSize: plan.valueSize)
      try writer.put(packed, "\(place)/\(plan.key(number))")
      SpooledMemory.trim()
    }
    return ZarrNewObject(writer: writer, path: place)
  }
}

/// The layout of an array that is being written: chunks of whole rows, of a few megabytes.
private struct ZarrNewArray {
  let shape: [Int]
  let chunk: [Int]
  let valueSize: Int
  let metadata: String

  private static let chunkBytes = 1 << 22

  init(shape: [Int], dtype: String, valueSize: Int, fill: String = "0", filters: String = "null") {
    let width = shape.dropFirst().reduce(1, *)
    let rows = max(1, ZarrNewArray.chunkBytes / max(1, width * valueSize))
    self.shape = shape
    self.valueSize = valueSize
    chunk =
      shape.isEmpty ? [] : [max(1, min(rows, shape[0]))] + shape.dropFirst().map { max(1, $0) }
    metadata = JSONText.object([
      ("chunks", JSONText.array(chunk.map(String.init))), ("compressor", Blosc.metadata),
      ("dimension_separator", "\".\""), ("dtype", JSONText.quoted(dtype)), ("fill_value", fill),
      ("filters", filters), ("order", "\"C\""), ("shape", JSONText.array(shape.map(String.init))),
      ("zarr_format", "2"),
    ])
  }

  init(textsOfShape shape: [Int]) {
    // A text and its length take some 64 bytes.
    self.init(
      shape: shape, dtype: "|O", valueSize: 64, fill: "\"\"", filters: #"[{"id":"vlen-utf8"}]"#)
  }

  /// The number of values in a chunk.
  var chunkCount: Int { chunk.reduce(1, *) }

  /// The chunks that hold anything, with the numbers of their values.
  var parts: [(number: Int, range: Range<Int>)] {
    let count = shape.reduce(1, *)
    return stride(from: 0, to: count, by: chunkCount).enumerated().map { number, begin in
      (number, begin..<min(begin + chunkCount, count))
    }
  }

  /// The name of a chunk's file.
  func key(_ number: Int) -> String {
    shape.isEmpty
      ? "0" : ([number] + shape.dropFirst().map { _ in 0 }).map(String.init).joined(separator: ".")
  }
}

extension NumberType {
  /// The name of NumPy.
  fileprivate var version2Name: String {
    let kind =
      switch self {
      case .float32, .float64: "f"
      default: isSigned ? "i" : "u"
      }
    return "\(size == 1 ? "|" : "<")\(kind)\(size)"
  }
}
