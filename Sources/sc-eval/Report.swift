import CellData
import StageSupport

/// Named figures, and the ways to write them.
struct Report {
  enum Style {
    /// For people: aligned, four decimals.
    case table
    /// `metric⇥value`, a line each, in full precision.
    case tabSeparated
    case json
  }

  /// One figure; without a value where the data defines none.
  struct Row {
    let name: String
    let value: JSONValue

    init(_ name: String, value: Double?) {
      self.name = name
      self.value = .optional(value)
    }

    init(_ name: String, count: Int) {
      self.name = name
      value = .integer(count)
    }

    var rounded: String {
      guard case .number(let number) = value, number.isFinite else { return Report.plain(value) }
      let units = Int((abs(number) * 10_000).rounded())
      let decimals = String(units % 10_000)
      let zeros = String(repeating: "0", count: 4 - decimals.count)
      return (number < 0 ? "-" : "") + "\(units / 10_000).\(zeros)\(decimals)"
    }
  }

  let rows: [Row]

  func text(_ style: Style) -> String {
    switch style {
    case .json: JSONValue.object(rows.map { ($0.name, $0.value) }).text + "\n"
    case .tabSeparated:
      "metric\tvalue\n" + rows.map { "\($0.name)\t\(Report.plain($0.value))\n" }.joined()
    case .table: table
    }
  }

  private var table: String {
    let names = rows.map(\.name.count).max() ?? 0
    let values = rows.map(\.rounded.count).max() ?? 0
    return rows.map { row in
      let gap = names - row.name.count + values - row.rounded.count + 2
      return row.name + String(repeating: " ", count: gap) + row.rounded + "\n"
    }.joined()
  }

  private static func plain(_ value: JSONValue) -> String { value == .null ? "NA" : value.text }

  /// The chain of provenance, a line a stage.
  static func history(_ history: [Provenance], _ style: Style) -> String {
    if style == .json { return JSONValue.array(history.map(json)).text + "\n" }
    let lines = history.map { entry in
      let settings = entry.settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      return [
        entry.tool, entry.version, String(entry.seed), entry.inputCRC,
        settings.joined(separator: " "),
      ]
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
