import CBlosc
import Tensors

/// How chunks are packed: zstd within blosc, which first puts the first bytes of all values
/// together, then their second bytes, and continues likewise.
enum Blosc {
  private static let level: Int32 = 3

  /// Its description in the metadata.
  static let metadata =
    #"{"blocksize":0,"clevel":\#(level),"cname":"zstd","id":"blosc","shuffle":1}"#

  /// The same in version 3, which has the size of the values too.
  static func configuration(valueSize: Int) -> [(key: String, value: String)] {
    [
      ("blocksize", "0"), ("clevel", "\(level)"), ("cname", "\"zstd\""),
      ("shuffle", "\"shuffle\""), ("typesize", "\(valueSize)"),
    ]
  }

  /// Packs bytes on one thread, so that equal bytes always give equal ones.
  static func packed(_ bytes: Buffer<UInt8>, valueSize: Int) throws -> Buffer<UInt8> {
    let room = bytes.count + Int(BLOSC_MAX_OVERHEAD)
    guard room <= Int(Int32.max) else {
      throw FormatFault(
        "", "a row of \(bytes.count) bytes is more than blosc can pack", "write an .h5ad file")
    }
    var result = Buffer<UInt8>(uninitializedCount: room)
    // SAFETY: the library reads the bytes of the buffer and writes no more than the given room. The
    // name ends with a zero byte.
    let count = unsafe blosc_compress_ctx(
      level, Int32(BLOSC_SHUFFLE), valueSize, bytes.count, bytes.pointer, result.mutablePointer(),
      room, "zstd", 0, 1)
    guard count > 0 else {
      throw FormatFault(
        "", "blosc cannot pack: \(count)", "check the installation of libblosc",
        kind: .missingLibrary)
    }
    return result.slice(0..<Int(count))
  }

  /// Unpacks a chunk, which may have up to `limit` bytes.
  static func unpacked(_ bytes: Buffer<UInt8>, limit: Int) throws -> Buffer<UInt8> {
    var size = 0
    // SAFETY: the library reads no more than the bytes of the buffer, whose number is passed.
    guard unsafe blosc_cbuffer_validate(bytes.pointer, bytes.count, &size) == 0 else {
      throw ZarrCodec.fault("is no chunk of blosc")
    }
    guard size <= limit else { throw ZarrCodec.tooLarge }
    var result = Buffer<UInt8>(uninitializedCount: size)
    // SAFETY: the target has as many bytes as the call gets.
    let got = unsafe blosc_decompress_ctx(bytes.pointer, result.mutablePointer(), size, 1)
    guard got == size else { throw ZarrCodec.fault("the data packed by blosc are damaged") }
    return result
  }
}
