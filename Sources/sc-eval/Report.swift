import CellData
import Metrics
import StageSupport
import Tensors

/// Named figures, and the ways to write them.
struct Report {
  enum Style {
    /// For people: aligned, four decimals.
    case table
    /// `metric⇥value`, a line each, in full precision; with intervals two columns more.
    case tabSeparated
    case json
  }

  /// One figure; without a value if the data define none.
  struct Row {
    let name: String
    let value: JSONValue
    /// The interval of the figure in 95 of 100 samples of the cells.
    let interval: Bootstrap.Interval?

    init(_ name: String, value: Double?, interval: Bootstrap.Interval? = nil) {
      self.name = name
      self.value = .optional(value)
      self.interval = interval
    }

    init(_ name: String, count: Int) {
      self.name = name
      value = .integer(count)
      interval = nil
    }

    /// The value as a number, if it has one.
    var number: Double? {
      switch value {
      case .integer(let value): Double(value)
      case .number(let value): value.isFinite ? value : nil
      default: nil
      }
    }

    /// With four decimals; whole numbers and missing values are unchanged.
    var rounded: String {
      guard case .number(let number) = value, number.isFinite else { return Report.plain(value) }
      return number.fourDecimals
    }

    /// `0.8123 to 0.8345`, or nothing.
    var roundedInterval: String {
      interval.map { "\($0.low.fourDecimals) to \($0.high.fourDecimals)" } ?? ""
    }
  }

  let rows: [Row]
  /// The number of samples behind the intervals; nil without intervals.
  let replicates: Int?
  /// Figures over the epochs of the training, for JSON; nil if there are none.
  var gradients: JSONValue?

  func text(_ style: Style) -> String {
    switch style {
    case .json: JSONValue.object(jsonFields).text.printableJSON + "\n"
    case .tabSeparated: tabSeparated
    case .table: table
    }
  }

  private var tabSeparated: String {
    guard replicates != nil else {
      return "metric\tvalue\n" + rows.map { "\($0.name)\t\(Report.plain($0.value))\n" }.joined()
    }
    return "metric\tvalue\tlow\thigh\n"
      + rows.map { row in
        let (low, high) = (row.interval?.low, row.interval?.high)
        return
          "\(row.name)\t\(Report.plain(row.value))\t\(Report.plain(.optional(low)))\t\(Report.plain(.optional(high)))\n"
      }.joined()
  }

  private var jsonFields: [(key: String, value: JSONValue)] {
    let figures =
      rows.map { (key: $0.name, value: $0.value) } + (gradients.map { [("gradients", $0)] } ?? [])
    guard let replicates else { return figures }
    let intervals = rows.compactMap { row in
      row.interval.map {
        (key: row.name, value: JSONValue.array([.number($0.low), .number($0.high)]))
      }
    }
    return figures + [("bootstrap", .integer(replicates)), ("intervals", .object(intervals))]
  }

  private var table: String {
    let names = rows.map(\.name.count).max() ?? 0
    let values = rows.map(\.rounded.count).max() ?? 0
    return rows.map { row in
      let gap = names - row.name.count + values - row.rounded.count + 2
      let interval = row.interval == nil ? "" : "  (95 %: \(row.roundedInterval))"
      return row.name + String(repeating: " ", count: gap) + row.rounded + interval + "\n"
    }.joined()
  }

  static func plain(_ value: JSONValue) -> String { value == .null ? "NA" : value.text }
}
