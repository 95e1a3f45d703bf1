// The storage of an array's values by its metadata: `.zarray` of version 2, and `zarr.json` of
// version 3.

import Tensors

/// How the values of an array are stored.
struct ZarrLayout {
  let shape: [Int]
  /// The dimensions of the chunks, each of which is unpacked as a whole; for shards the dimensions
  /// of the chunks inside.
  var chunk: [Int]
  let type: ZarrType
  /// A value of missing chunks, in the form of an unpacked one.
  let fill: Buffer<UInt8>
  /// The same of text.
  let fillText: String
  /// The names of the files of chunks, in the array's folder.
  let names: ZarrChunkNames
  var coding = ZarrCoding()
  /// The dimensions of the files, each of which holds several chunks; nil if each holds one.
  var shard: ZarrShard?
  /// Why the values cannot be read, though the array may well exist.
  var refusal: FormatFault?

  /// Dimensions that are lists of numbers of which none is negative.
  private static func sizes(_ node: JSONNode?, _ name: String, at path: String) throws -> [Int] {
    guard let sizes = node?.integers, sizes.allSatisfy({ $0 >= 0 }), sizes.count <= 32 else {
      throw FormatFault(
        path, "has no `\(name)` of whole numbers that are not negative", "the store is damaged")
    }
    return sizes
  }

  /// The dimensions of the chunks; their number must be that of the array's.
  private static func chunks(_ node: JSONNode?, _ name: String, of shape: [Int], at path: String)
    throws -> [Int]
  {
    let sizes = try sizes(node, name, at: path)
    guard sizes.count == shape.count, zip(sizes, shape).allSatisfy({ $0 > 0 || $1 == 0 }) else {
      throw FormatFault(
        path, "has chunks of \(sizes) for the dimensions \(shape)", "the store is damaged")
    }
    return sizes.map { max(1, $0) }
  }

  init(version2 node: JSONNode, at path: String) throws {
    shape = try ZarrLayout.sizes(node["shape"], "shape", at: path)
    chunk = try ZarrLayout.chunks(node["chunks"], "chunks", of: shape, at: path)
    let filters = node["filters"]?.list ?? []
    let isText = filters.contains { $0["id"]?.text == "vlen-utf8" }
    let name = node["dtype"]?.text
    guard name != nil || node["dtype"]?.list != nil else {
      throw FormatFault(path, "has no `dtype`", "the store is damaged")
    }
    type = name.map { ZarrType(version2: $0, isText: isText) } ?? .records
    let fillValue = node["fill_value"] ?? .null
    fill = try type.bytes(of: fillValue, at: path)
    fillText = fillValue.text ?? ""
    names = ZarrChunkNames(
      prefix: "", separator: node["dimension_separator"]?.text == "/" ? "/" : ".")
    coding.isBigEndian = name?.hasPrefix(">") == true
    if node["order"]?.text == "F" { coding.order = Array(shape.indices.reversed()) }
    for filter in filters + [node["compressor"] ?? .null] where !filter.isNull {
      let id = filter["id"]?.text ?? "?"
      if id == "vlen-utf8" { continue }
      if let codec = ZarrCodec(id, filter) {
        coding.codecs.append(codec)
      } else {
        refusal = refusal ?? ZarrCodec.refusal(of: id, at: path)
      }
    }
  }

  init(version3 node: JSONNode, at path: String) throws {
    shape = try ZarrLayout.sizes(node["shape"], "shape", at: path)
    guard let (name, configuration) = node["data_type"]?.extensionPoint else {
      // A record, or something else that is to come.
      throw FormatFault(path, "has no `data_type`", "the store is damaged")
    }
    guard let grid = node["chunk_grid"]?.extensionPoint, grid.name == "regular" else {
      throw FormatFault(
        path, "has chunks of different sizes", "write the store again with regular chunks")
    }
    chunk = try ZarrLayout.chunks(
      grid.configuration["chunk_shape"], "chunk_shape", of: shape, at: path)
    type = ZarrType(version3: name, configuration)
    let fillValue = node["fill_value"] ?? .null
    fill = try type.bytes(of: fillValue, at: path)
    fillText = fillValue.text ?? ""
    let encoding = node["chunk_key_encoding"]?.extensionPoint
    let isVersion2 = encoding?.name == "v2"
    let separator = encoding?.configuration["separator"]?.text ?? (isVersion2 ? "." : "/")
    guard ["/", "."].contains(separator) else {
      throw FormatFault(path, "has a `separator` that is neither / nor .", "the store is damaged")
    }
    names = ZarrChunkNames(prefix: isVersion2 ? "" : "c", separator: separator)
    let codecs = node["codecs"]?.list?.compactMap(\.extensionPoint) ?? []
    if let last = codecs.first, last.name == "sharding_indexed" {
      try readShards(last.configuration, at: path)
      if codecs.count > 1 { refusal = ZarrCodec.refusal(of: "codecs around shards", at: path) }
    } else {
      readCodecs(codecs, at: path)
    }
  }

  /// Inside a file of several chunks.
  private mutating func readShards(_ configuration: JSONNode, at path: String) throws {
    let inner = try ZarrLayout.chunks(
      configuration["chunk_shape"], "chunk_shape", of: chunk, at: path)
    guard zip(chunk, inner).allSatisfy({ $0 % $1 == 0 }) else {
      throw FormatFault(
        path, "has chunks of \(inner) in shards of \(chunk)", "the store is damaged")
    }
    let index = configuration["index_codecs"]?.list?.compactMap(\.extensionPoint) ?? []
    var plan = ZarrShard(
      shape: chunk, isIndexFirst: configuration["index_location"]?.text == "start",
      hasCheckSum: false)
    for codec in index {
      switch codec.name {
      case "bytes" where codec.configuration["endian"]?.text != "big": break
      case "crc32c": plan.hasCheckSum = true
      default: refusal = ZarrCodec.refusal(of: "\(codec.name) of an index", at: path)
      }
    }
    shard = plan
    chunk = inner
    readCodecs(configuration["codecs"]?.list?.compactMap(\.extensionPoint) ?? [], at: path)
  }

  private mutating func readCodecs(
    _ codecs: [(name: String, configuration: JSONNode)], at path: String
  ) {
    for (name, configuration) in codecs {
      switch name {
      case "bytes": coding.isBigEndian = configuration["endian"]?.text == "big"
      case "vlen-utf8": break
      case "transpose":
        let order = configuration["order"]?.integers ?? []
        if order.sorted() == Array(shape.indices), coding.order == nil {
          coding.order = order
        } else {
          refusal = refusal ?? ZarrCodec.refusal(of: "such a transposition", at: path)
        }
      default:
        if let codec = ZarrCodec(name, configuration) {
          coding.codecs.append(codec)
        } else {
          refusal = refusal ?? ZarrCodec.refusal(of: name, at: path)
        }
      }
    }
  }
}

/// The text before the numbers of a chunk in the name of its file, and between them.
struct ZarrChunkNames {
  let prefix: String
  let separator: String

  /// The name of the file of a chunk.
  func name(of numbers: [Int]) -> String {
    let text = numbers.map(String.init).joined(separator: separator)
    if prefix.isEmpty { return numbers.isEmpty ? "0" : text }
    return numbers.isEmpty ? prefix : prefix + separator + text
  }
}

/// A file of several chunks, with a list of their positions.
struct ZarrShard {
  /// The dimensions of what it holds.
  let shape: [Int]
  /// Whether the list comes before the chunks; else it comes after them.
  let isIndexFirst: Bool
  /// Whether the list is followed by its CRC-32C.
  var hasCheckSum: Bool
}
