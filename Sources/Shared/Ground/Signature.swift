/// The format that the first bytes of a file or a pipe show.
package enum Signature {
  package static let hdf5: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
  package static let gzip: [UInt8] = [0x1F, 0x8B]
  package static let zip: [UInt8] = [0x50, 0x4B, 3, 4]

  /// The largest size of the header of a tensor stream.
  package static let largestHeader = 100_000_000

  /// The length of the header at the beginning of a tensor stream, from its eight bytes.
  package static func headerLength(_ bytes: some BidirectionalCollection<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Whether an input that begins with these bytes (nine or more) can be a tensor stream. Such a
  /// stream has a header of a legal length that opens with a brace.
  package static func isTensorStream(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 9, bytes[8] == UInt8(ascii: "{") else { return false }
    return (1...UInt64(largestHeader)).contains(headerLength(bytes[..<8]))
  }
}
