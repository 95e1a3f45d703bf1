import DataFormats
import Foundation
import Tensors
import Testing

/// A fresh folder that goes with its owner.
final class TestFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "formats-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file into the folder and gives its path.
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let full = "\(path)/\(name)"
    try Data(bytes).write(to: URL(fileURLWithPath: full))
    return full
  }

  func file(_ name: String, _ text: String) throws -> String { try file(name, Array(text.utf8)) }

  /// Writes an HDF5 file whose content `body` makes.
  func hdf5(_ name: String, _ body: (any WritableGroup) throws -> Void) throws -> String {
    let full = "\(path)/\(name)"
    try HDF5Library.exclusively {
      let file = try HDF5File(creating: full)
      try body(file.root)
      try file.flush()
      try file.close()
    }
    return full
  }
}

/// The text of a fault; nil if `body` gives none.
func fault(_ body: () throws -> Void) -> FormatFault? {
  do { try body() } catch let fault as FormatFault { return fault } catch {
    Issue.record("not a FormatFault: \(error)")
  }
  return nil
}

/// Packs bytes as gzip does, without compressing them.
func gzipped(_ bytes: [UInt8]) -> [UInt8] {
  var result: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
  var start = 0
  repeat {
    let size = min(65_535, bytes.count - start)
    let isLast = start + size == bytes.count
    let length = [UInt8(size & 255), UInt8(size >> 8)]
    result += [isLast ? 1 : 0] + length + length.map { ~$0 } + bytes[start..<start + size]
    start += size
  } while start < bytes.count
  for number in [checksum(bytes), UInt32(truncatingIfNeeded: bytes.count)] {
    result += (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
  return result
}

/// CRC-32, bit by bit.
private func checksum(_ bytes: [UInt8]) -> UInt32 {
  var crc: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB8_8320 }
  }
  return ~crc
}
