import CellData
import Ground

/// The history of a stream as JSON: an array of
/// `{"tool":…,"version":…,"settings":{…},"seed":…,"input_crc":…}`, oldest first.
enum History {
  static func text(of history: [Provenance]) throws -> String {
    JSONText.array(try history.map(text))
  }

  private static func text(of entry: Provenance) throws -> String {
    let settings = entry.settings.sorted { precedes($0.key, $1.key) }
    for (key, value) in settings {
      if let problem = JSONText.fault(in: value) {
        throw StreamFault.unwritable(Profile.historyKey, "setting \(shown(key)): \(problem)")
      }
    }
    return JSONText.object([
      ("tool", JSONText.quoted(entry.tool)), ("version", JSONText.quoted(entry.version)),
      ("settings", JSONText.object(settings.map { ($0.key, $0.value) })),
      ("seed", String(entry.seed)), ("input_crc", JSONText.quoted(entry.inputCRC)),
    ])
  }

  /// Reads what `text` writes; `key` names the metadata entry in messages.
  static func entries(in text: String, key: String) throws -> [Provenance] {
    var scanner = JSONScanner(text: text, label: "metadata \(shown(key))")
    var result: [Provenance] = []
    try scanner.elements { scanner in result.append(try entry(&scanner)) }
    try scanner.end()
    return result
  }

  private static func entry(_ scanner: inout JSONScanner) throws -> Provenance {
    var tool: String?
    var version: String?
    var inputCRC: String?
    var seed: UInt64?
    var settings: [String: String]?
    let start = scanner.position
    try scanner.members { scanner, key, offset in
      switch key {
      case "tool": tool = try scanner.string()
      case "version": version = try scanner.string()
      case "input_crc": inputCRC = try scanner.string()
      case "seed":
        let text = try scanner.rawValue()
        guard let number = UInt64(text), String(number) == text else {
          throw scanner.fault("the seed is not a plain non-negative whole number", at: offset)
        }
        seed = number
      case "settings":
        var values: [String: String] = [:]
        try scanner.members { scanner, key, _ in values[key] = try scanner.rawValue() }
        settings = values
      default: throw scanner.fault("unknown field \(shown(key))", at: offset)
      }
    }
    guard let tool, let version, let inputCRC, let seed, let settings else {
      throw scanner.fault("a history entry lacks a field", at: start)
    }
    return Provenance(
      tool: tool, version: version, settings: settings, seed: seed, inputCRC: inputCRC)
  }
}
