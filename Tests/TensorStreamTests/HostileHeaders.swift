import Testing

/// A stream that breaks one rule, and what the message about it must name.
struct HostileStream: CustomTestStringConvertible, Sendable {
  let name: String
  let bytes: [UInt8]
  let mention: String
  var testDescription: String { name }

  init(_ name: String, bytes: [UInt8], names mention: String) {
    self.name = name
    self.bytes = bytes
    self.mention = mention
  }

  /// A header, without change, before `size` bytes of data.
  init(_ name: String, _ header: String, data size: Int = 4, names mention: String) {
    self.init(name, header: Array(header.utf8), data: size, names: mention)
  }

  init(_ name: String, header: [UInt8], data size: Int = 4, names mention: String) {
    self.init(name, bytes: stream(header: header, data: size), names: mention)
  }

  /// A header that is right but for the description of tensor `t`.
  init(_ name: String, tensor: String, data size: Int = 4, names mention: String) {
    self.init(name, "{\"t\":\(tensor)}", data: size, names: mention)
  }

  /// A header that is right but for its metadata.
  init(_ name: String, metadata: String, names mention: String) {
    self.init(
      name, "{\"__metadata__\":\(metadata),\"t\":\(HostileStream.tensor)}", names: mention)
  }

  static let tensor = #"{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#
}

/// N, a header, and zeros.
func stream(header: [UInt8], data size: Int) -> [UInt8] {
  length(UInt64(header.count)) + header + [UInt8](repeating: 0, count: size)
}

func stream(_ header: String, data size: Int) -> [UInt8] {
  stream(header: Array(header.utf8), data: size)
}

/// N in the form of a stream.
func length(_ value: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

extension HostileStream {
  static let lengths: [HostileStream] = [
    HostileStream("nothing", bytes: [], names: "offset 0"),
    HostileStream("one byte", bytes: [1], names: "offset 1"),
    HostileStream("seven bytes", bytes: [UInt8](repeating: 0, count: 7), names: "offset 7"),
    HostileStream("only a length", bytes: length(64), names: "offset 8"),
    HostileStream("length 0", bytes: length(0), names: "offset 0"),
    HostileStream("length 0 before data", bytes: length(0) + [1, 2], names: "offset 0"),
    HostileStream("length 2^63", bytes: length(1 << 63) + Array("{}".utf8), names: "offset 0"),
    HostileStream("length 2^64 - 1", bytes: length(.max) + Array("{}".utf8), names: "offset 0"),
    HostileStream("length 4 GiB", bytes: length(1 << 32) + Array("{}".utf8), names: "offset 0"),
    HostileStream("length 100,000,001", bytes: length(100_000_001), names: "offset 0"),
    HostileStream(
      "length 99,999,999", bytes: length(99_999_999) + Array("{}".utf8), names: "offset 10"),
    HostileStream("header cut", bytes: length(9) + Array("{\"a\":".utf8), names: "offset 13"),
  ]

  static let syntax: [HostileStream] = [
    HostileStream("space first", " {}", data: 0, names: "offset 8"),
    HostileStream("byte order mark", "\u{FEFF}{}", data: 0, names: "offset 8"),
    HostileStream("array", "[]", data: 0, names: "offset 8"),
    HostileStream("zeros", header: [0, 0, 0, 0], names: "offset 8"),
    HostileStream("not UTF-8", header: [0x7B, 0x22, 0xFF, 0x22, 0x7D], names: "offset 10"),
    HostileStream("overlong UTF-8", header: [0x7B, 0x22, 0xC0, 0xAF, 0x7D], names: "offset 10"),
    HostileStream(
      "surrogate in UTF-8", header: [0x7B, 0x22, 0xED, 0xA0, 0x80, 0x7D], names: "offset 10"),
    HostileStream("no end", "{", data: 0, names: "offset 9"),
    HostileStream("no end after a tensor", "{\"t\":\(tensor)", names: "offset 61"),
    HostileStream("newline after", "{}\n", data: 0, names: "offset 10"),
    HostileStream("zero after", "{}\u{0}", data: 0, names: "offset 10"),
    HostileStream("text after", "{}  x", data: 0, names: "offset 12"),
    HostileStream("second object", "{}{}", data: 0, names: "offset 10"),
    HostileStream("comma at the end", "{\"t\":\(tensor),}", names: "offset 62"),
    HostileStream("comma first", "{,}", data: 0, names: "offset 9"),
    HostileStream("no colon", "{\"t\" \(tensor)}", names: "offset 13"),
    HostileStream("no comma", "{\"t\":\(tensor)\"u\":\(tensor)}", names: "offset 61"),
    HostileStream("key without quotes", "{t:\(tensor)}", names: "offset 9"),
    HostileStream("key in single quotes", "{'t':\(tensor)}", names: "offset 9"),
    HostileStream("key is a number", "{1:\(tensor)}", names: "offset 9"),
    HostileStream("comment", "{/**/}", data: 0, names: "offset 9"),
    HostileStream("string without end", "{\"t", data: 0, names: "offset 9"),
    HostileStream("control character", "{\"a\u{1}\":\(tensor)}", names: "offset 11"),
    HostileStream("unknown escape", "{\"a\\x\":\(tensor)}", names: "offset 11"),
    HostileStream("short hex escape", "{\"a\\u12\":\(tensor)}", names: "offset 11"),
    HostileStream("lone high surrogate", "{\"\\ud800\":\(tensor)}", names: "offset 10"),
    HostileStream("lone low surrogate", "{\"\\udc00\":\(tensor)}", names: "offset 10"),
    HostileStream("two high surrogates", "{\"\\ud800\\ud800\":\(tensor)}", names: "offset 10"),
    HostileStream("escape at the end", "{\"\\", data: 0, names: "offset 10"),
    HostileStream(
      "deep nesting", String(repeating: "{\"a\":", count: 200_000), data: 0, names: "\"a\""),
    HostileStream(
      "deep array", "{\"t\":" + String(repeating: "[", count: 200_000), data: 0, names: "\"t\""),
  ]

  static let keys: [HostileStream] = [
    HostileStream("same tensor twice", "{\"t\":\(tensor),\"t\":\(tensor)}", names: "\"t\" appears"),
    HostileStream(
      "same tensor twice, one escaped", "{\"t\":\(tensor),\"\\u0074\":\(tensor)}",
      names: "\"t\" appears"),
    HostileStream(
      "same tensor twice among many",
      "{" + (0..<20).map { "\"t\($0 % 19)\":\(tensor)" }.joined(separator: ",") + "}",
      names: "\"t0\" appears"),
    HostileStream("empty name", "{\"\":\(tensor)}", names: "offset 9"),
    HostileStream(
      "tensor called __metadata__", "{\"__metadata__\":\(tensor)}", names: "\"shape\" is not"),
    HostileStream(
      "metadata twice", "{\"__metadata__\":{},\"__metadata__\":{},\"t\":\(tensor)}",
      names: "\"__metadata__\" appears"),
    HostileStream("metadata is a string", metadata: "\"a\"", names: "offset 24"),
    HostileStream("metadata is null", metadata: "null", names: "offset 24"),
    HostileStream("metadata is an array", metadata: "[]", names: "offset 24"),
    HostileStream("metadata value is a number", metadata: "{\"a\":1}", names: "\"a\""),
    HostileStream("metadata value is null", metadata: "{\"a\":null}", names: "\"a\""),
    HostileStream("metadata value is an object", metadata: "{\"a\":{}}", names: "\"a\""),
    HostileStream("metadata key twice", metadata: #"{"a":"","\u0061":""}"#, names: "\"a\" appears"),
    HostileStream("metadata without end", "{\"__metadata__\":{\"a\":\"b\"", names: "offset 32"),
  ]
}
