import CellData
import StageSupport
import Tensors

/// The chain of provenance, a line a stage.
struct History {
  let entries: [Provenance]

  func text(_ style: Report.Style) -> String {
    if style == .json {
      return JSONValue.array(entries.map(History.json)).text.printableJSON + "\n"
    }
    let lines = entries.map { entry in
      [
        entry.tool, entry.version, String(entry.seed), entry.inputCRC,
        entry.settings.pairs.joined(separator: " "),
      ].map(\.printable)
    }
    if style == .table { return lines.map { $0.joined(separator: "  ") + "\n" }.joined() }
    return "tool\tversion\tseed\tinput\tsettings\n"
      + lines.map { $0.joined(separator: "\t") + "\n" }.joined()
  }

  private static func json(_ entry: Provenance) -> JSONValue {
    let settings = entry.settings.sorted { $0.key < $1.key }
    return .object([
      ("tool", .string(entry.tool)), ("version", .string(entry.version)),
      ("settings", .object(settings.map { ($0.key, .raw($0.value)) })),
      ("seed", .raw(String(entry.seed))), ("input_crc", .string(entry.inputCRC)),
    ])
  }
}

extension [String: String] {
  /// `name=value`, by name.
  var pairs: [String] { sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } }
}
