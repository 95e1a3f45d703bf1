import CellData
import Tensors

/// Lays tensors out as a container: header keys sorted, tensors by element size and name, the
/// header padded to 64 bytes.
struct StreamWriter {
  private let tensors: [(name: String, tensor: Tensor)]
  private let metadata: [String: String]

  /// Some readers refuse larger headers.
  static let headerLimit = 16_000_000

  init(tensors: [String: Tensor], metadata: [String: String]) {
    // Sizes fall, so every tensor is aligned; names rise by their bytes.
    self.tensors = tensors.map { ($0.key, $0.value) }.sorted { a, b in
      let (sizeA, sizeB) = (a.tensor.elementType.size, b.tensor.elementType.size)
      return sizeA != sizeB ? sizeA > sizeB : precedes(a.name, b.name)
    }
    self.metadata = metadata
  }

  /// Writes everything; returns the header's CRC.
  func write(to sink: some ByteSink) throws -> String {
    var (header, crcPosition) = try headerBytes()
    let size = header.count
    let length = (0..<8).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
    let digits = hexDigits(crc32(header.span, continuing: crc32(length.span)))
    header.replaceSubrange(crcPosition..<crcPosition + 8, with: digits.utf8)
    try sink.write((length + header).span)
    for (_, tensor) in tensors where !tensor.bytes.isEmpty {
      try sink.write(tensor.bytes.span)
    }
    return digits
  }

  /// The padded header, with zeros for its own CRC, and the position of these zeros.
  private func headerBytes() throws -> ([UInt8], Int) {
    var entries: [(name: String, text: String)] = []
    var crcs: [String: String] = [:]
    var end = 0
    for (name, tensor) in tensors {
      let begin = end
      end += tensor.bytes.count
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      entries.append(
        (
          name,
          "{\"dtype\":\"\(tensor.elementType.rawValue)\",\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(end)]}"
        ))
      crcs[name] = hexDigits(crc32(tensor.bytes))
    }
    let (metadata, position) = metadataText(crcs: crcs)
    entries.append(("__metadata__", ""))
    entries.sort { precedes($0.name, $1.name) }
    var bytes: [UInt8] = []
    var crcPosition = 0
    for (number, entry) in entries.enumerated() {
      bytes.append(UInt8(ascii: number == 0 ? "{" : ","))
      JSONText.append(entry.name, to: &bytes)
      bytes.append(UInt8(ascii: ":"))
      if entry.name == "__metadata__" {
        crcPosition = bytes.count + position
        bytes += metadata
      } else {
        bytes += Array(entry.text.utf8)
      }
    }
    bytes.append(UInt8(ascii: "}"))
    while (8 + bytes.count) % 64 != 0 { bytes.append(UInt8(ascii: " ")) }
    if bytes.count >= Self.headerLimit {
      throw StreamFault(
        kind: .badData, place: "offset 0",
        problem: "a header of \(bytes.count) bytes, \(Self.headerLimit) or more",
        remedy: "pass on fewer columns, layers or tensors")
    }
    return (bytes, crcPosition)
  }

  /// The metadata object, and the position in it of the digits of the header's CRC.
  private func metadataText(crcs: [String: String]) -> ([UInt8], Int) {
    var texts = metadata
    texts[Profile.tensorCRCKey] = JSONText.object(
      crcs.sorted { precedes($0.key, $1.key) }.map { ($0.key, "\"\($0.value)\"") })
    texts[Profile.headerCRCKey] = "00000000"
    var bytes = [UInt8(ascii: "{")]
    var position = 0
    for (key, value) in texts.sorted(by: { precedes($0.key, $1.key) }) {
      if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
      JSONText.append(key, to: &bytes)
      bytes.append(UInt8(ascii: ":"))
      if key == Profile.headerCRCKey { position = bytes.count + 1 }
      JSONText.append(value, to: &bytes)
    }
    bytes.append(UInt8(ascii: "}"))
    return (bytes, position)
  }
}

/// The order of names: by their UTF-8 bytes.
func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
