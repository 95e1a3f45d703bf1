// Writes zarr, by default of version 2: every program that opens AnnData or MuData in zarr reads
// it. The chunks are written as they arrive; the metadata are collected and written at the end.

import CellData
import Ground
import Tensors

extension DataFormats {
  /// Writes an object into an empty folder as a zarr store: MuData if it has several modalities,
  /// else AnnData. Equal objects give equal bytes. Throws FormatFault of kind `inputOutput`.
  package static func writeZarr(
    _ data: CellData, version: ZarrVersion = .two, toFolder path: String
  ) throws {
    try writeZarr(data, version, to: ZarrFolderTarget(path))
  }

  /// Writes an object as a zarr store in a zip archive; `write` gets its bytes one after another.
  package static func writeZarr(
    _ data: CellData, version: ZarrVersion = .two,
    toArchive write: @escaping (Buffer<UInt8>) throws -> Void
  ) throws {
    try writeZarr(data, version, to: ZarrArchiveTarget(write))
  }

  private static func writeZarr(
    _ data: CellData, _ version: ZarrVersion, to target: any ZarrTarget
  ) throws {
    let writer = ZarrWriter(target, version)
    if data.modalities.isEmpty {
      try writeAnnData(data, in: writer.root)
    } else {
      try MuDataWriter(root: writer.root).write(data.withStorableModalities())
    }
    try writer.finish()
  }
}

/// The destination of a store's files.
protocol ZarrTarget: AnyObject {
  func put(_ bytes: Buffer<UInt8>, _ key: String) throws
  /// Everything has been put.
  func finish() throws
}

/// A store that is being written.
final class ZarrWriter {
  private let target: any ZarrTarget
  private let version: ZarrVersion
  private var nodes: [String: ZarrNewNode] = ["": ZarrNewNode(array: nil)]

  init(_ target: any ZarrTarget, _ version: ZarrVersion) {
    (self.target, self.version) = (target, version)
  }

  var root: ZarrNewGroup { ZarrNewGroup(writer: self, path: "") }

  func contains(_ path: String) -> Bool { nodes[path] != nil }
  func isGroup(_ path: String) -> Bool { nodes[path].map { $0.array == nil } ?? false }

  func add(_ path: String, array: ZarrNewArray?) throws {
    let name = path.split(separator: "/").last ?? ""
    guard name.utf8.count <= 255 else {
      throw FormatFault(
        path, "the name is longer than the 255 bytes that a file's may have",
        "shorten it, or write an .h5ad file")
    }
    if ZarrVersion.metadataFiles.contains(String(name)) {
      throw FormatFault(
        path, "the name is that of a file of zarr itself", "change it, or write an .h5ad file")
    }
    nodes[path] = ZarrNewNode(array: array)
  }

  func setAttribute(_ name: String, _ value: String, of path: String) {
    nodes[path]?.attributes.append((name, value))
  }

  /// Packs and writes a chunk of an array.
  func put(_ chunk: Buffer<UInt8>, _ place: [Int], of array: ZarrNewArray, at path: String) throws {
    let packed = try Blosc.packed(chunk, valueSize: array.packedSize)
    try target.put(packed, ZarrTree.key(version.chunkNames.name(of: place), in: path))
  }

  /// Writes the metadata.
  func finish() throws {
    let all = nodes.sorted { $0.key < $1.key }.map { (path: $0.key, node: $0.value) }
    for (key, value) in version.files(of: all) { try target.put(Buffer(value.utf8), key) }
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
    try write(ZarrNewArray(.number(type), shape: shape), name) { range in
      let part = values.slice(range)
      if type == Element.numberType { return part.reinterpreted(as: UInt8.self) }
      return type.converted(part)
    }
  }

  func makeArray(_ name: String, booleans: Buffer<UInt8>, shape: [Int]) throws
    -> any WritableObject
  {
    try write(ZarrNewArray(.boolean, shape: shape), name) { booleans.slice($0) }
  }

  func makeArray(_ name: String, texts: [String], shape: [Int]) throws -> any WritableObject {
    let plan = ZarrNewArray(.text, shape: shape)
    return try write(plan, name) { ZarrTexts.packed(texts[$0], count: plan.chunkCount) }
  }

  /// Writes an array; `bytes` packs the values of a range of positions.
  private func write(
    _ plan: ZarrNewArray, _ name: String, _ bytes: (Range<Int>) -> Buffer<UInt8>
  ) throws -> any WritableObject {
    let target = path(of: name)
    try writer.add(target, array: plan)
    let size = plan.type == .text ? 0 : plan.chunkCount * plan.type.size
    for (place, range) in plan.parts {
      var chunk = bytes(range)
      if chunk.count < size {
        // The last chunk is as large as the others.
        var whole = Buffer<UInt8>(repeating: 0, count: size)
        whole.copy(0..<chunk.count, of: chunk, to: 0)
        chunk = whole
      }
      try writer.put(chunk, place, of: plan, at: target)
      SpooledMemory.trim()
    }
    return ZarrNewObject(writer: writer, path: target)
  }
}
