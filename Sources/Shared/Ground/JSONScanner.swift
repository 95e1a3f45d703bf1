// A strict reader of JSON for headers and the texts inside them. The system's readers accept texts
// that a stream must not hold: duplicate keys, `[1,]`, `8.0` for a count, leading space. Here every
// fault names its offset, and nothing is allocated beyond what the text holds. No nesting can
// exhaust the stack.

/// A position in a JSON text; reading moves it forward.
package struct JSONScanner {
  private let bytes: Buffer<UInt8>
  /// The offset of the next byte in the text.
  package private(set) var position = 0
  /// Makes the error for a problem at an offset of the text.
  private let makeFault: (_ offset: Int, _ problem: String) -> any Fault

  /// The largest depth of nested arrays and objects in values of any kind.
  private static let depthLimit = 64

  /// Scans bytes, which must be valid UTF-8. `fault` makes the error to throw from a problem and
  /// its offset.
  package init(
    _ bytes: Buffer<UInt8>, fault: @escaping (_ offset: Int, _ problem: String) -> any Fault
  ) {
    self.bytes = bytes
    makeFault = fault
  }

  /// The next byte; nil at the end.
  package var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  /// The fault at `offset` of this text, or at the present position.
  package func fault(_ problem: String, at offset: Int? = nil) -> any Fault {
    makeFault(offset ?? position, problem)
  }

  mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  mutating func expect(_ character: Unicode.Scalar) throws {
    guard next == UInt8(ascii: character) else { throw fault("\(character) expected") }
    position += 1
  }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Reads an object; `body` must read the value of each key. A repeated key is refused. `count` is
  /// the likely number of keys, for which room is reserved at once.
  package mutating func members(
    expecting count: Int = 0,
    _ body: (_ scanner: inout JSONScanner, _ key: String, _ offset: Int) throws -> Void
  ) throws {
    try expect("{")
    skipSpace()
    if skip("}") { return }
    var seen = KeySet(expecting: count)
    repeat {
      skipSpace()
      let offset = position
      let key = try string()
      guard seen.insert(key) else { throw fault("the key \(shown(key)) appears twice", at: offset) }
      skipSpace()
      try expect(":")
      skipSpace()
      try body(&self, key, offset)
      skipSpace()
    } while skip(",")
    try expect("}")
  }

  /// Reads an array: `body` must read each value.
  package mutating func elements(_ body: (_ scanner: inout JSONScanner) throws -> Void) throws {
    try expect("[")
    skipSpace()
    if skip("]") { return }
    repeat {
      skipSpace()
      try body(&self)
      skipSpace()
    } while skip(",")
    try expect("]")
  }

  /// Reads a whole number without sign, fraction, exponent or leading zero, below `limit`.
  package mutating func plainInteger(below limit: UInt64) throws -> UInt64 {
    let start = position
    var value: UInt64 = 0
    while let digit = nextDigit {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(digit)
      if overflow || carry || sum >= limit { throw fault("the number is too large", at: start) }
      value = sum
      position += 1
    }
    if position == start { throw fault("a plain non-negative whole number expected") }
    if bytes[start] == UInt8(ascii: "0"), position > start + 1 {
      throw fault("the number begins with a zero", at: start)
    }
    switch next {
    case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"),
      UInt8(ascii: "-"):
      throw fault("the number is not a plain non-negative whole number", at: start)
    default: return value
    }
  }

  /// The value of the next byte if it is a digit.
  private var nextDigit: UInt64? {
    guard let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
    return UInt64(byte - UInt8(ascii: "0"))
  }

  /// Checks that only spaces follow.
  package mutating func end() throws {
    while next == 0x20 { position += 1 }
    if position < bytes.count { throw fault("something other than spaces after the JSON") }
  }

  /// Reads a string, with the offset of its first byte inside the quotes.
  package mutating func string() throws -> String {
    let quote = position
    guard skip("\"") else { throw fault("a string expected") }
    let end = endOfPlainRun()
    guard end < bytes.count else { throw fault("the string has no end", at: quote) }
    if bytes[end] == 0x22 {
      let text = text(position..<end)
      position = end + 1
      return text
    }
    return try escapedString(openedAt: quote, plainUntil: end)
  }

  /// The position of the next quote, backslash or control character, or the end of the text.
  private func endOfPlainRun() -> Int {
    let span = bytes.span
    var end = position
    while end < span.count, span[end] != 0x22, span[end] != 0x5C, span[end] >= 0x20 { end += 1 }
    return end
  }

  /// The rest of a string that has an escape (or a forbidden character) at `end`.
  private mutating func escapedString(openedAt quote: Int, plainUntil end: Int) throws -> String {
    var result = text(position..<end)
    position = end
    while let byte = next {
      switch byte {
      case 0x22:
        position += 1
        return result
      case 0x5C: result.unicodeScalars.append(try escape())
      case 0..<0x20: throw fault("a control character in a string")
      default:
        let end = endOfPlainRun()
        result += text(position..<end)
        position = end
      }
    }
    throw fault("the string has no end", at: quote)
  }

  private mutating func escape() throws -> Unicode.Scalar {
    let start = position
    position += 1
    let byte = next
    position += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw fault("an unknown escape", at: start)
    }
    var value = try hexadecimal(escapeAt: start)
    if value & 0xFC00 == 0xD800, skip("\\"), skip("u") {
      let low = try hexadecimal(escapeAt: start)
      guard low & 0xFC00 == 0xDC00 else { throw fault("half a surrogate pair", at: start) }
      value = 0x10000 + (value & 0x3FF) << 10 + low & 0x3FF
    }
    guard let scalar = Unicode.Scalar(value) else {
      throw fault("half a surrogate pair", at: start)
    }
    return scalar
  }

  private mutating func hexadecimal(escapeAt start: Int) throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fault("four hex digits expected after \\u", at: start)
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  /// Reads a value of any kind and returns its text.
  package mutating func rawValue() throws -> String {
    let start = position
    try skipValue(depth: 0)
    return text(start..<position)
  }

  private mutating func skipValue(depth: Int) throws {
    if depth == Self.depthLimit { throw fault("nested too deeply") }
    switch next {
    case UInt8(ascii: "{"): try members { scanner, _, _ in try scanner.skipValue(depth: depth + 1) }
    case UInt8(ascii: "["): try elements { scanner in try scanner.skipValue(depth: depth + 1) }
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"): try skipWord("true")
    case UInt8(ascii: "f"): try skipWord("false")
    case UInt8(ascii: "n"): try skipWord("null")
    default: try skipNumber()
    }
  }

  private mutating func skipWord(_ word: String) throws {
    for scalar in word.unicodeScalars where !skip(scalar) { throw fault("\(word) expected") }
  }

  private mutating func skipNumber() throws {
    let start = position
    _ = skip("-")
    if !skip("0") { try skipDigits(numberAt: start) }
    if skip(".") { try skipDigits(numberAt: start) }
    if skip("e") || skip("E") {
      if !skip("+") { _ = skip("-") }
      try skipDigits(numberAt: start)
    }
  }

  private mutating func skipDigits(numberAt start: Int) throws {
    let first = position
    while nextDigit != nil { position += 1 }
    if position == first { throw fault("a JSON value expected", at: start) }
  }

  /// The text of a range that begins and ends at character boundaries.
  private func text(_ range: Range<Int>) -> String {
    decodedText(bytes.span.extracting(range)) ?? ""
  }
}

/// The keys of one object: a few are compared one by one, many are hashed. Keys are equal if they
/// are equal in Unicode. So two spellings of one accented letter are refused too, since a
/// dictionary could not hold both.
private struct KeySet {
  private var few: [String] = []
  private var many: Set<String> = []
  private let expectedCount: Int

  init(expecting count: Int) { expectedCount = count }

  /// Adds a key; false if it was present.
  mutating func insert(_ key: String) -> Bool {
    if !many.isEmpty { return many.insert(key).inserted }
    if few.contains(key) { return false }
    if few.isEmpty { few.reserveCapacity(4) }
    few.append(key)
    if few.count == 16 {
      many.reserveCapacity(expectedCount)
      many.formUnion(few)
    }
    return true
  }
}

/// The text of UTF-8 bytes; nil if they are not valid.
package func decodedText(_ bytes: Span<UInt8>) -> String? {
  guard let text = try? UTF8Span(validating: bytes) else { return nil }
  return String(copying: text)
}
