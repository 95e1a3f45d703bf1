// How the bytes of a chunk are packed. What comes out is never more than the metadata promise: a
// chunk that unpacks to more is refused as soon as it does.

import CZstd
import Tensors

/// One of the steps by which the bytes of a chunk are packed.
enum ZarrCodec: Equatable {
  case gzip
  case zlib
  case zstd
  case blosc
  /// A checksum after the bytes.
  case crc32c
  /// The bytes of values of that size, first the first of each.
  case shuffle(Int)

  /// The codec by its name in version 2 or 3; nil for one that is not supported.
  init?(_ name: String, _ configuration: JSONNode) {
    switch name {
    case "gzip", "numcodecs.gzip": self = .gzip
    case "zlib", "numcodecs.zlib": self = .zlib
    case "zstd", "numcodecs.zstd": self = .zstd
    case "blosc", "numcodecs.blosc": self = .blosc
    case "crc32c": self = .crc32c
    case "shuffle", "numcodecs.shuffle":
      guard let size = configuration["elementsize"]?.integer, (1...256).contains(size) else {
        return nil
      }
      self = .shuffle(size)
    default: return nil
    }
  }

  /// For a codec that is not supported.
  static func refusal(of name: String, at path: String) -> FormatFault {
    FormatFault(
      path, "compressed by \(name), which is not supported",
      "write the store again with blosc, zstd or gzip", kind: .missingLibrary)
  }

  /// Unpacks bytes. `size` is the number of bytes that must result, if known; `limit` is the
  /// largest number allowed.
  func decode(_ bytes: Buffer<UInt8>, size: Int?, limit: Int) throws -> Buffer<UInt8> {
    switch self {
    case .gzip: return try ZarrCodec.inflated(bytes, .gzip, size, limit)
    case .zlib: return try ZarrCodec.inflated(bytes, .zlib, size, limit)
    case .zstd: return try ZstdDecoder().decode(bytes, size: size, limit: limit)
    case .blosc: return try Blosc.unpacked(bytes, limit: limit)
    case .crc32c: return try ZarrCodec.checked(bytes)
    case .shuffle(let size): return ZarrCodec.unshuffled(bytes, size)
    }
  }

  /// What is wrong with a chunk that cannot be unpacked.
  static func fault(_ problem: String) -> FormatFault {
    FormatFault("", problem, "the store is damaged: copy it again")
  }

  static let tooLarge = fault("unpacks to more than the metadata promise")

  static func inflated(
    _ bytes: Buffer<UInt8>, _ container: Inflater.Container, _ size: Int?, _ limit: Int
  ) throws -> Buffer<UInt8> {
    let inflater = try Inflater(container)
    var output = GrowingBytes(expecting: size, limit: limit)
    var position = 0
    var isDone = false
    while !(isDone && position == bytes.count) {
      if isDone { try inflater.reset() }
      try output.makeRoom()
      let step = try inflater.unpack(
        bytes, position..<bytes.count, into: &output.bytes, from: output.count)
      if step.taken == 0, step.given == 0, !step.isMemberDone {
        throw fault("the packed data are cut short")
      }
      position += step.taken
      output.count += step.given
      isDone = step.isMemberDone
    }
    return output.result
  }

  private static func checked(_ bytes: Buffer<UInt8>) throws -> Buffer<UInt8> {
    guard bytes.count >= 4 else { throw fault("has no checksum") }
    let content = bytes.slice(0..<bytes.count - 4)
    let stored = (0..<4).reduce(UInt32(0)) {
      $0 | UInt32(bytes[content.count + $1]) << (8 * UInt32($1))
    }
    guard castagnoli(content.span) == stored else { throw fault("the checksum differs") }
    return content
  }

  private static func unshuffled(_ bytes: Buffer<UInt8>, _ size: Int) -> Buffer<UInt8> {
    let count = bytes.count / size
    // Bytes that are no whole value stay unchanged at the end.
    var result = bytes
    var target = result.mutableSpan
    let source = bytes.span
    for j in 0..<size {
      for i in 0..<count { target[i * size + j] = source[j * count + i] }
    }
    return result
  }
}

/// Bytes that grow as they are unpacked, up to a limit.
struct GrowingBytes {
  var bytes: Buffer<UInt8>
  /// How many are filled.
  var count = 0
  private let limit: Int

  init(expecting size: Int?, limit: Int) {
    // One more byte shows that there are too many.
    bytes = Buffer(uninitializedCount: min(size ?? 1 << 16, limit) + 1)
    self.limit = limit
  }

  /// Makes room for at least one byte. Throws if there are too many already.
  mutating func makeRoom() throws {
    guard count == bytes.count else { return }
    if count > limit { throw ZarrCodec.tooLarge }
    var larger = Buffer<UInt8>(uninitializedCount: min(2 * count, limit) + 1)
    larger.copy(0..<count, of: bytes, to: 0)
    bytes = larger
  }

  var result: Buffer<UInt8> { bytes.slice(0..<count) }
}

/// zstd's decoder.
@safe private final class ZstdDecoder {
  private let context: OpaquePointer

  init() throws {
    guard let context = unsafe ZSTD_createDCtx() else {
      throw FormatFault("", "no memory for unpacking", "use a larger machine", kind: .noMemory)
    }
    unsafe self.context = context
  }

  // SAFETY: the context was made in init and is used no more.
  deinit { unsafe _ = ZSTD_freeDCtx(context) }

  /// Unpacks frames, one after another.
  func decode(_ bytes: Buffer<UInt8>, size: Int?, limit: Int) throws -> Buffer<UInt8> {
    var output = GrowingBytes(expecting: size, limit: limit)
    var position = 0
    var rest = 1
    while !(rest == 0 && position == bytes.count) {
      try output.makeRoom()
      let before = (position, output.count)
      var (taken, given) = (0, 0)
      // SAFETY: both ranges are inside their buffers, which live through the call.
      unsafe (rest, taken, given) = step(
        bytes.pointer + position, bytes.count - position,
        output.bytes.mutablePointer() + output.count, output.bytes.count - output.count)
      guard ZSTD_isError(rest) == 0 else {
        throw ZarrCodec.fault("the data packed by zstd are damaged")
      }
      position += taken
      output.count += given
      guard rest == 0 || before != (position, output.count) else {
        throw ZarrCodec.fault("the packed data are cut short")
      }
    }
    return output.result
  }

  /// SAFETY: both addresses must have the number of bytes that follows them.
  @unsafe private func step(
    _ source: UnsafePointer<UInt8>, _ sourceCount: Int, _ target: UnsafeMutablePointer<UInt8>,
    _ targetCount: Int
  ) -> (rest: Int, taken: Int, given: Int) {
    var input = unsafe ZSTD_inBuffer(src: source, size: sourceCount, pos: 0)
    var output = unsafe ZSTD_outBuffer(dst: target, size: targetCount, pos: 0)
    let rest = unsafe ZSTD_decompressStream(context, &output, &input)
    return unsafe (rest, input.pos, output.pos)
  }
}

/// The CRC-32C (Castagnoli) of bytes.
func castagnoli(_ bytes: Span<UInt8>) -> UInt32 {
  var crc: UInt32 = 0xFFFF_FFFF
  for i in bytes.indices {
    crc = castagnoliTable[Int((crc ^ UInt32(bytes[i])) & 0xFF)] ^ (crc >> 8)
  }
  return ~crc
}

private let castagnoliTable: [UInt32] = (0..<256).map { start in
  (0..<8).reduce(UInt32(start)) { value, _ in
    value & 1 == 0 ? value >> 1 : (value >> 1) ^ 0x82F6_3B78
  }
}
