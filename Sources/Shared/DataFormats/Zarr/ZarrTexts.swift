import Tensors

/// Texts as chunks have them.
enum ZarrTexts {
  /// Texts of any length (vlen-utf8): their number, then the length and the bytes of each.
  static func texts(_ bytes: Buffer<UInt8>, count: Int, _ policy: TextPolicy, at place: String)
    throws -> [String]
  {
    var position = 0
    func number() throws -> Int {
      guard position + 4 <= bytes.count else { throw ZarrCodec.fault("the texts are cut short") }
      defer { position += 4 }
      return (0..<4).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }
    }
    let stored = try number()
    guard stored == count, 4 * count <= bytes.count - 4 else {
      throw ZarrCodec.fault("holds \(stored) texts where \(count) belong")
    }
    var result: [String] = []
    result.reserveCapacity(count)
    for i in 0..<count {
      let length = try number()
      guard length <= bytes.count - position else {
        throw ZarrCodec.fault("the texts are cut short")
      }
      let text = bytes.slice(position..<position + length)
      result.append(try policy.text(text, number: i, at: place))
      position += length
    }
    return result
  }

  /// The same for `count` texts, of which those after the given ones are empty.
  static func packed(_ texts: ArraySlice<String>, count: Int) -> Buffer<UInt8> {
    let size = texts.reduce(4 + 4 * count) { $0 + $1.utf8.count }
    var result = Buffer<UInt8>(repeating: 0, count: size)
    var position = 0
    func append(_ number: Int) {
      for k in 0..<4 { result[position + k] = UInt8(truncatingIfNeeded: number >> (8 * k)) }
      position += 4
    }
    append(count)
    for text in texts {
      append(text.utf8.count)
      for byte in text.utf8 {
        result[position] = byte
        position += 1
      }
    }
    return result
  }

  /// Texts of a fixed size, padded by zeros.
  static func texts(
    _ bytes: Buffer<UInt8>, _ type: ZarrType, count: Int, _ policy: TextPolicy, at place: String
  ) throws -> [String] {
    switch type {
    case .bytes(let size) where size > 0:
      return try (0..<count).map { i in
        let all = bytes.slice(i * size..<(i + 1) * size)
        let end = all.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
        return try policy.text(all.slice(0..<end), number: i, at: place)
      }
    case .characters(let size) where size > 0:
      let codes = bytes.reinterpreted(as: UInt32.self)
      return (0..<count).map { i in
        var text = String.UnicodeScalarView()
        for k in i * size..<(i + 1) * size where codes[k] != 0 {
          text.append(Unicode.Scalar(codes[k]) ?? "\u{FFFD}")
        }
        return String(text)
      }
    default: return [String](repeating: "", count: count)
    }
  }
}
