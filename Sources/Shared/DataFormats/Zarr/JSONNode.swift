import Ground
import Tensors

/// A JSON value, as the metadata of a store have it.
enum JSONNode {
  case null
  case boolean(Bool)
  /// The text of a number.
  case number(String)
  case text(String)
  case list([JSONNode])
  case object([String: JSONNode])

  /// How deeply values may nest.
  private static let depthLimit = 64

  /// Reads the content of a file; faults name `place`.
  init(_ bytes: Buffer<UInt8>, at place: String) throws {
    func fault(_ problem: String) -> FormatFault {
      FormatFault(place, problem, "the store is damaged: copy it again")
    }
    guard decodedText(bytes.span) != nil else { throw fault("the JSON is not UTF-8") }
    let isSpace: (UInt8) -> Bool = { [0x20, 0x0A, 0x0D, 0x09].contains($0) }
    let end = bytes.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? 0
    let start = bytes.firstIndex { !isSpace($0) } ?? end
    var scanner = JSONScanner(bytes.slice(min(start, end)..<end)) { offset, problem in
      fault("offset \(start + offset): \(problem)")
    }
    self = try JSONNode(&scanner, depth: 0)
    try scanner.end()
  }

  private init(_ scanner: inout JSONScanner, depth: Int) throws {
    if depth == Self.depthLimit { throw scanner.fault("nested too deeply") }
    switch scanner.next {
    case UInt8(ascii: "{"):
      var members: [String: JSONNode] = [:]
      try scanner.members { scanner, key, _ in
        members[key] = try JSONNode(&scanner, depth: depth + 1)
      }
      self = .object(members)
    case UInt8(ascii: "["):
      var elements: [JSONNode] = []
      try scanner.elements { elements.append(try JSONNode(&$0, depth: depth + 1)) }
      self = .list(elements)
    case UInt8(ascii: "\""): self = .text(try scanner.string())
    default:
      switch try scanner.rawValue() {
      case "null": self = .null
      case "true": self = .boolean(true)
      case "false": self = .boolean(false)
      case let number: self = .number(number)
      }
    }
  }

  /// The member of an object; nil if there is none, or if this is no object.
  subscript(key: String) -> JSONNode? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  var isNull: Bool { if case .null = self { true } else { false } }
  var text: String? { if case .text(let text) = self { text } else { nil } }
  var list: [JSONNode]? { if case .list(let list) = self { list } else { nil } }
  var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }

  /// A whole number.
  var integer: Int? { if case .number(let text) = self { Int(text) } else { nil } }

  /// The whole numbers of a list of such.
  var integers: [Int]? {
    guard let list else { return nil }
    let numbers = list.compactMap(\.integer)
    return numbers.count == list.count ? numbers : nil
  }

  /// The name and the settings of a codec, or of another possible extension. It is a text, or an
  /// object with `name` and `configuration`.
  var extensionPoint: (name: String, configuration: JSONNode)? {
    if let text { return (text, .object([:])) }
    guard let name = self["name"]?.text else { return nil }
    return (name, self["configuration"] ?? .object([:]))
  }
}
