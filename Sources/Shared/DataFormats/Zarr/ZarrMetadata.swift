// A writer's description of groups and arrays: `.zgroup`, `.zarray` and `.zattrs` of version 2,
// `zarr.json` of version 3. One file repeats all of them (consolidated), so that a distant store
// opens with one request. It is `.zmetadata`, or the root's `zarr.json` as zarr-python writes it.

import Ground
import Tensors

/// A version of the format that stores are written in.
package enum ZarrVersion: Int, Sendable, CaseIterable {
  case two = 2
  case three

  /// The names of the files of metadata, of both versions.
  static let metadataFiles: Set = [".zgroup", ".zarray", ".zattrs", ".zmetadata", "zarr.json"]

  /// What the files of chunks are called.
  var chunkNames: ZarrChunkNames {
    switch self {
    case .two: ZarrChunkNames(prefix: "", separator: ".")
    case .three: ZarrChunkNames(prefix: "c", separator: "/")
    }
  }

  /// The files of metadata of a store, for nodes with their paths, the root first.
  func files(of nodes: [(path: String, node: ZarrNewNode)]) -> [(key: String, value: String)] {
    switch self {
    case .two:
      let all = nodes.flatMap { path, node in
        node.version2.map { (key: ZarrTree.key($0.name, in: path), value: $0.content) }
      }
      let consolidated = JSONText.object([
        ("metadata", JSONText.object(all)), ("zarr_consolidated_format", "1"),
      ])
      return all + [(".zmetadata", consolidated)]
    case .three:
      let all = nodes.map { (key: $0.path, value: JSONText.object($0.node.version3)) }
      let consolidated = JSONText.object([
        ("kind", "\"inline\""), ("must_understand", "false"),
        ("metadata", JSONText.object(all.filter { !$0.key.isEmpty })),
      ])
      let root = (nodes.first?.node.version3 ?? []) + [("consolidated_metadata", consolidated)]
      return all.dropFirst().map { (key: ZarrTree.key("zarr.json", in: $0.key), value: $0.value) }
        + [(key: "zarr.json", value: JSONText.object(root))]
    }
  }
}

/// A group or an array of a store that is being written.
struct ZarrNewNode {
  /// Nil for a group.
  let array: ZarrNewArray?
  /// Names and JSON texts.
  var attributes: [(key: String, value: String)] = []

  /// Its files of version 2.
  fileprivate var version2: [(name: String, content: String)] {
    let own = (
      name: array == nil ? ".zgroup" : ".zarray",
      content: array?.version2 ?? #"{"zarr_format":2}"#
    )
    return attributes.isEmpty ? [own] : [own, (".zattrs", JSONText.object(attributes))]
  }

  /// The members of its file of version 3.
  fileprivate var version3: [(key: String, value: String)] {
    [("attributes", JSONText.object(attributes))] + (array?.version3 ?? [])
      + [("node_type", array == nil ? "\"group\"" : "\"array\""), ("zarr_format", "3")]
  }
}

/// The layout of an array that is being written: chunks of whole rows, of a few megabytes.
struct ZarrNewArray {
  /// Numbers, booleans, or text of any length.
  let type: ZarrType
  let shape: [Int]
  private let chunk: [Int]

  private static let chunkBytes = 1 << 22

  init(_ type: ZarrType, shape: [Int]) {
    self.type = type
    self.shape = shape
    // A text and its length take some 64 bytes.
    let size = type == .text ? 64 : type.size
    let width = shape.dropFirst().reduce(1, *)
    let rows = max(1, ZarrNewArray.chunkBytes / max(1, width * size))
    chunk =
      shape.isEmpty ? [] : [max(1, min(rows, shape[0]))] + shape.dropFirst().map { max(1, $0) }
  }

  /// The number of values in a chunk.
  var chunkCount: Int { chunk.reduce(1, *) }

  /// The chunks that hold anything: their places, and the numbers of their values.
  var parts: [(place: [Int], range: Range<Int>)] {
    let count = shape.reduce(1, *)
    return stride(from: 0, to: count, by: chunkCount).enumerated().map { number, begin in
      let place = shape.isEmpty ? [] : [number] + shape.dropFirst().map { _ in 0 }
      return (place, begin..<min(begin + chunkCount, count))
    }
  }

  /// The value of missing chunks.
  private var fill: String {
    switch type {
    case .text: "\"\""
    case .boolean: "false"
    default: "0"
    }
  }

  private static func list(_ sizes: [Int]) -> String { JSONText.array(sizes.map(String.init)) }

  /// The content of its `.zarray`.
  fileprivate var version2: String {
    JSONText.object([
      ("chunks", Self.list(chunk)), ("compressor", Blosc.metadata),
      ("dimension_separator", "\".\""), ("dtype", JSONText.quoted(type.names.version2)),
      ("fill_value", fill), ("filters", type == .text ? #"[{"id":"vlen-utf8"}]"# : "null"),
      ("order", "\"C\""), ("shape", Self.list(shape)), ("zarr_format", "2"),
    ])
  }

  /// The entries of its `zarr.json` apart from its being an array.
  fileprivate var version3: [(key: String, value: String)] {
    let first =
      switch type {
      case .text: Self.named("vlen-utf8")
      case _ where type.size == 1: Self.named("bytes")
      default: Self.named("bytes", [("endian", "\"little\"")])
      }
    let codecs = [first, Self.named("blosc", Blosc.configuration(valueSize: packedSize))]
    let grid = Self.named("regular", [("chunk_shape", Self.list(chunk))])
    return [
      ("chunk_grid", grid),
      ("chunk_key_encoding", Self.named("default", [("separator", "\"/\"")])),
      ("codecs", JSONText.array(codecs)), ("data_type", JSONText.quoted(type.names.version3)),
      ("fill_value", fill), ("shape", Self.list(shape)),
    ]
  }

  /// The size of the values as they are packed; for text a byte.
  var packedSize: Int { type == .text ? 1 : type.size }

  /// Something of version 3 that has a name and settings.
  private static func named(_ name: String, _ settings: [(key: String, value: String)] = [])
    -> String
  {
    JSONText.object([
      ("name", JSONText.quoted(name)), ("configuration", JSONText.object(settings)),
    ])
  }
}

extension ZarrType {
  /// What both versions call a type that is written.
  fileprivate var names: (version2: String, version3: String) {
    switch self {
    case .boolean: ("|b1", "bool")
    case .text: ("|O", "string")
    case .number(let type): type.zarrNames
    case .float16, .bytes, .characters, .records, .other:
      preconditionFailure("\(self) is not written")
    }
  }
}

extension NumberType {
  /// The name in NumPy, and the name in version 3.
  fileprivate var zarrNames: (String, String) {
    let kind =
      switch self {
      case .float32, .float64: "float"
      default: isSigned ? "int" : "uint"
      }
    return ("\(size == 1 ? "|" : "<")\(kind.prefix(1))\(size)", "\(kind)\(8 * size)")
  }
}
