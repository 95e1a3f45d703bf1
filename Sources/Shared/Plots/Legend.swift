import Colors

/// The list of classes beside a plot: a dot and the name of each and, if known, the number of
/// cells, in a size that fits the space.
package struct Legend: Sendable {
  /// One class.
  struct Entry {
    let name: String
    /// How many cells it has; nil where the legend does not say.
    let count: Int?
    let color: Color

    /// How the number stands behind the name.
    var countText: String { count.map { "  \($0.grouped)" } ?? "" }
  }

  /// The space for it, in units.
  package struct Space: Sendable {
    let x, y, width, height: Double

    package init(x: Double, y: Double, width: Double, height: Double) {
      (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }
  }

  /// The height of the letters.
  package let fontSize: Double
  package let columns: Int
  /// The number of entries with a line; the last line counts the others.
  package let shown: Int
  private let space: Space
  private let lines: Int

  private static let smallest = 11.0
  private static let spacing = 1.4

  /// For `count` entries with letters of at most `largest`. There is one column, or two if the
  /// letters in one would be smaller than 11 units.
  package init(count: Int, in space: Space, largest: Double = 24) {
    func size(_ lines: Int) -> Double { space.height / Double(max(1, lines)) / Legend.spacing }
    columns = size(count) >= Legend.smallest ? 1 : 2
    let wanted = size((count + columns - 1) / columns)
    let limit = columns == 1 ? largest : max(Legend.smallest, min(largest, 14))
    fontSize = min(limit, max(Legend.smallest, wanted))
    lines = max(1, Int(space.height / (fontSize * Legend.spacing) + 1e-9))
    let places = lines * columns
    shown = count <= places ? count : places - 1
    self.space = space
  }

  /// The width of a legend with these entries and this `height`: that of its longest entry, at most
  /// `limit`.
  static func width(
    of entries: [Entry], height: Double, largest: Double, limit: Double, on canvas: Canvas
  ) -> Double {
    let legend = Legend(
      count: entries.count, in: Space(x: 0, y: 0, width: 0, height: height), largest: largest)
    func widest(_ text: (Entry) -> String) -> Double {
      entries.map { canvas.width(of: text($0), size: legend.fontSize) }.max() ?? 0
    }
    let longest = widest(\.name.printable) + widest(\.countText)
    let wanted = Double(legend.columns) * (longest + 2.6 * legend.fontSize)
    return min(limit, wanted)
  }

  /// Draws the entries that have a line.
  func draw(_ entries: [Entry], on canvas: Canvas) {
    let perColumn = min(lines, (entries.count + columns - 1) / columns)
    let width = space.width / Double(columns)
    let counts = entries.map(\.countText)
    let widest = counts.map { canvas.width(of: $0, size: fontSize) }.max() ?? 0
    let names = entries.map(\.name).shortenedApart(to: width - 2.2 * fontSize - widest) {
      canvas.width(of: $0, size: fontSize)
    }
    for number in 0..<min(entries.count, shown + 1) {
      let (column, line) = (number / perColumn, number % perColumn)
      let x = space.x + Double(column) * width
      let y = space.y + (Double(line) + 0.5) * fontSize * Legend.spacing
      let baseline = y + 0.36 * fontSize
      guard number < shown else {
        canvas.text(
          "and \(entries.count - shown) more", x: x, y: baseline, size: fontSize, color: .ink)
        continue
      }
      canvas.dot(x: x + 0.5 * fontSize, y: y, radius: 0.4 * fontSize, entries[number].color)
      let (name, start) = (names[number], x + 1.35 * fontSize)
      canvas.text(name, x: start, y: baseline, size: fontSize)
      canvas.text(
        counts[number], x: start + canvas.width(of: name, size: fontSize), y: baseline,
        size: fontSize, color: Color(0x777777))
    }
  }
}

extension Int {
  /// With a comma after every three digits.
  var grouped: String {
    let digits = Array(String(magnitude))
    var result = self < 0 ? "-" : ""
    for (place, digit) in digits.enumerated() {
      if place > 0 && (digits.count - place).isMultiple(of: 3) { result += "," }
      result.append(digit)
    }
    return result
  }
}
