import CellData
import Tensors

/// The header of a container: the description of each tensor, and where its bytes are.
struct Header {
  /// One tensor: `range` counts from the first byte after the header.
  struct Entry {
    var name: String
    var elementType: Tensor.ElementType
    var shape: [Int]
    var range: Range<Int>
  }

  /// The tensors in the order of their bytes.
  var entries: [Entry]
  var metadata: [String: String]
  /// The position of the eight digits of `header_crc32` in the header's bytes; nil without them.
  var crcPosition: Int?

  /// Other readers refuse headers above this size. This one refuses them too.
  static let sizeLimit = Signature.largestHeader
  /// Numbers in a header stay below this.
  static let numberLimit: UInt64 = 1 << 48

  /// The bytes behind the header.
  var dataSize: Int { entries.last?.range.upperBound ?? 0 }

  /// Checks N, the first eight bytes.
  static func size(_ bytes: Buffer<UInt8>) throws -> Int {
    let value = Signature.headerLength(bytes)
    if value == 0 { throw StreamFault.bytes(at: 0, "a header of no bytes") }
    if value > UInt64(sizeLimit) {
      throw StreamFault.bytes(at: 0, "a header of \(value) bytes, more than \(sizeLimit)")
    }
    return Int(value)
  }

  /// Checks that the entries tile the data without hole or overlap, and puts them in the order of
  /// their bytes.
  mutating func checkTiling() throws {
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var end = 0
    for entry in entries {
      if entry.range.lowerBound < end {
        throw StreamFault.tensor(entry.name, "its bytes overlap another tensor's")
      }
      if entry.range.lowerBound > end {
        throw StreamFault.tensor(
          entry.name, "\(entry.range.lowerBound - end) bytes before it belong to no tensor")
      }
      end = entry.range.upperBound
    }
  }

  /// The CRC-32 of N and the header, with the digits of `header_crc32` taken as zeros.
  func crc(of bytes: Buffer<UInt8>) -> UInt32 {
    let size = Buffer((0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) })
    let length = crc32(size.span)
    guard let crcPosition else { return crc32(bytes.span, continuing: length) }
    let head = crc32(bytes.slice(0..<crcPosition).span, continuing: length)
    let zeros = crc32(Buffer(repeating: UInt8(ascii: "0"), count: 8).span, continuing: head)
    return crc32(bytes.slice(crcPosition + 8..<bytes.count).span, continuing: zeros)
  }
}
