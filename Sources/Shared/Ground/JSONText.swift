/// Writes JSON in one canonical way: the little that headers, histories and settings need.
package enum JSONText {
  /// A string with its quotes. Quotes, backslashes and control characters are escaped, all else is
  /// unchanged.
  package static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    append(text, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// An array of strings.
  package static func array(of texts: some Sequence<String>) -> String {
    array(texts.lazy.map(quoted))
  }

  /// An array of values that are JSON texts already.
  package static func array(_ values: some Sequence<String>) -> String {
    "[" + values.joined(separator: ",") + "]"
  }

  /// An object from values that are JSON texts already, in the given order.
  package static func object(_ members: some Sequence<(key: String, value: String)>) -> String {
    "{" + members.lazy.map { quoted($0.key) + ":" + $0.value }.joined(separator: ",") + "}"
  }

  /// The error in a text that should be one JSON value without space around it; nil if it is one.
  package static func fault(in text: String) -> String? {
    var scanner = JSONScanner(Buffer(text.utf8)) { JSONFault(description: "offset \($0): \($1)") }
    do {
      let value = try scanner.rawValue()
      return value == text ? nil : "space or text around the value"
    } catch { return "\(error)" }
  }

  /// The texts of an array of strings; nil for anything else.
  package static func strings(in text: String) -> [String]? {
    var scanner = JSONScanner(Buffer(text.utf8)) { JSONFault(description: "offset \($0): \($1)") }
    var texts: [String] = []
    do {
      try scanner.elements { scanner in texts.append(try scanner.string()) }
      try scanner.end()
      return texts
    } catch { return nil }
  }

  /// The value of a JSON string; nil for anything else.
  package static func string(in text: String) -> String? {
    var scanner = JSONScanner(Buffer(text.utf8)) { JSONFault(description: "offset \($0): \($1)") }
    do {
      let value = try scanner.string()
      try scanner.end()
      return value
    } catch { return nil }
  }

  /// Appends a quoted string as UTF-8.
  package static func append(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\n"): bytes += Array("\\n".utf8)
      case UInt8(ascii: "\t"): bytes += Array("\\t".utf8)
      case UInt8(ascii: "\r"): bytes += Array("\\r".utf8)
      case 0..<0x20, 0x7F:
        let digits = String(byte, radix: 16)
        bytes += Array(("\\u00" + (digits.count < 2 ? "0" : "") + digits).utf8)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

/// A text that is no JSON, for callers that need no reason.
private struct JSONFault: Fault {
  var kind: FaultKind { .badData }
  let description: String
}
