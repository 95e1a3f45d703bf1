import CZlib
import Tensors

/// The CRC-32 of zlib, gzip and PNG over `bytes`; `start` is the value for the bytes before them, 0
/// if there are none.
package func crc32(_ bytes: Span<UInt8>, continuing start: UInt32 = 0) -> UInt32 {
  unsafe bytes.withUnsafeBufferPointer { raw in
    // SAFETY: zlib only reads the `raw.count` bytes of the span.
    guard let first = raw.baseAddress else { return start }
    return UInt32(truncatingIfNeeded: unsafe crc32_z(uLong(start), first, z_size_t(raw.count)))
  }
}

/// The same over a whole buffer, on all threads. The CRCs of its tiles are combined in their order.
/// The value does not depend on the number of tiles.
package func crc32(_ bytes: Buffer<UInt8>) -> UInt32 {
  let size = 4 << 20
  if bytes.count <= size { return crc32(bytes.span) }
  let parts = parallelMap(tileCount(bytes.count, of: size), tileSize: 1) { number in
    crc32(bytes.slice(tile(number, of: size, in: bytes.count)).span)
  }
  var result: uLong = 0
  for number in parts.indices {
    let count = tile(number, of: size, in: bytes.count).count
    result = crc32_combine(result, uLong(parts[number]), count)
  }
  return UInt32(truncatingIfNeeded: result)
}

/// Eight lower-case hex digits: the form of a CRC in the metadata.
package func hexDigits(_ crc: UInt32) -> String {
  let digits = String(crc, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}

/// Whether a text is exactly eight lower-case hex digits.
package func isCRC(_ text: String) -> Bool {
  text.utf8.count == 8
    && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
}
