/// Writing JSON: the little that headers, histories and settings need.
package enum JSONText {
  /// A string with its quotes; quotes, backslashes and control characters escaped, all else as it is.
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

  /// An object of values that are JSON texts already, in the order given.
  package static func object(_ members: some Sequence<(key: String, value: String)>) -> String {
    "{" + members.lazy.map { quoted($0.key) + ":" + $0.value }.joined(separator: ",") + "}"
  }

  /// What is wrong with a text that should be one JSON value without space around it; nil if it is one.
  package static func fault(in text: String) -> String? {
    var scanner = JSONScanner(text: text, label: "text")
    do {
      let value = try scanner.rawValue()
      return value == text ? nil : "space or text around the value"
    } catch { return "\(error)" }
  }

  /// Appends a quoted string as UTF-8.
  static func append(_ text: String, to bytes: inout [UInt8]) {
    let hexadecimal = Array("0123456789abcdef".utf8)
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes += [UInt8(ascii: "\\"), byte]
      case 0..<0x20, 0x7F:
        bytes += Array("\\u00".utf8)
        bytes += [hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
