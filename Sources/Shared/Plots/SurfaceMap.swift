import Colors
import Glibc
import Tensors

/// A figure over two settings: a column for each value of one, a row for each value of the other. A
/// field is darker the higher the figure.
package struct SurfaceMap: Sendable {
  /// One setting with its values, in their order.
  package struct Axis: Sendable {
    let name: String
    let values: [String]

    package init(name: String, values: [String]) {
      (self.name, self.values) = (name, values)
    }
  }

  private let title: String
  private let columns, rows: Axis
  /// By row and column; a value that is not finite leaves its field empty.
  private let values: [[Double]]
  /// The least and the highest value; nil if there is none.
  private let range: (low: Double, high: Double)?

  /// From a value for every row and column.
  package init(title: String, columns: Axis, rows: Axis, values: [[Double]]) {
    precondition(
      values.count == rows.values.count && values.allSatisfy { $0.count == columns.values.count },
      "a row of \(columns.values.count) values for each of \(rows.values.count)")
    (self.title, self.columns, self.rows, self.values) = (title, columns, rows, values)
    let known = values.joined().filter(\.isFinite)
    range = known.min().flatMap { low in known.max().map { (low, $0) } }
  }

  func draw(in frame: Rectangle, _ type: TypeScale, on canvas: Canvas) {
    let area = type.drawTitle(title, in: frame, on: canvas)
    guard let range, !columns.values.isEmpty else { return }
    let size = type.text
    let names = rows.values.shortenedApart(to: 0.25 * area.width) {
      canvas.width(of: $0, size: size)
    }
    let widest = names.map { canvas.width(of: $0, size: size) }.max() ?? 0
    // The name of the rows is upright beside their values. Below are the values of the columns,
    // their name and the key.
    let map = area.inset(left: widest + 2.2 * size, bottom: 5.2 * size)
    drawFields(in: map, size, range, on: canvas)
    let height = map.height / Double(rows.values.count)
    for (row, name) in names.enumerated() {
      // The first row is the lowest, as on the axis of a plot.
      let y = map.bottom - (Double(row) + 0.5) * height + 0.36 * size
      canvas.text(name, x: map.x - 0.4 * size, y: y, size: size, alignment: 1)
    }
    canvas.text(
      rows.name.shortened(to: map.height) { canvas.width(of: $0, size: size) },
      x: area.x + size, y: map.y + map.height / 2, size: size, alignment: 0.5, isUpright: true)
    drawColumnNames(under: map, size, on: canvas)
    drawKey(x: map.x, y: map.bottom + 3.6 * size, size, range, on: canvas)
  }

  private func drawColumnNames(under map: Rectangle, _ size: Double, on canvas: Canvas) {
    let width = map.width / Double(columns.values.count)
    let names = columns.values.shortenedApart(to: 0.96 * width) {
      canvas.width(of: $0, size: size)
    }
    for (column, name) in names.enumerated() {
      canvas.text(
        name, x: map.x + (Double(column) + 0.5) * width, y: map.bottom + 1.2 * size, size: size,
        alignment: 0.5)
    }
    canvas.text(
      columns.name.shortened(to: map.width) { canvas.width(of: $0, size: size) },
      x: map.x + map.width / 2, y: map.bottom + 2.6 * size, size: size, alignment: 0.5)
  }

  /// The highest value has a frame.
  private func drawFields(
    in map: Rectangle, _ size: Double, _ range: (low: Double, high: Double), on canvas: Canvas
  ) {
    let (width, height) = (
      map.width / Double(columns.values.count), map.height / Double(rows.values.count)
    )
    let text = min(size, 0.25 * width, 0.6 * height)
    var best: Rectangle?
    for (row, values) in values.enumerated() {
      for (column, value) in values.enumerated() where value.isFinite {
        let field = Rectangle(
          x: map.x + Double(column) * width, y: map.bottom - Double(row + 1) * height,
          width: width, height: height)
        let shade = place(value, range)
        canvas.fill(field, .shade(shade))
        if value == range.high && best == nil { best = field }
        guard text >= 9 else { continue }
        canvas.text(
          value.pictured, x: field.x + width / 2, y: field.y + height / 2 + 0.36 * text, size: text,
          alignment: 0.5, color: shade > 0.55 ? .paper : .ink)
      }
    }
    canvas.frame(map, .faint)
    if let best { drawOutline(of: best, width: max(2, 0.2 * size), on: canvas) }
  }

  private func drawOutline(of field: Rectangle, width: Double, on canvas: Canvas) {
    let inner = field.inset(by: width / 2)
    let (left, right) = (field.x, field.right)
    for y in [inner.y, inner.bottom] { canvas.line([(left, y), (right, y)], width: width, .best) }
    for x in [inner.x, inner.right] {
      canvas.line([(x, field.y), (x, field.bottom)], width: width, .best)
    }
  }

  /// The position of a value between the least and the highest; all are in the middle if they are
  /// equal.
  private func place(_ value: Double, _ range: (low: Double, high: Double)) -> Double {
    guard range.high > range.low else { return 0.5 }
    return (value / 2 - range.low / 2) / (range.high / 2 - range.low / 2)
  }

  /// What the colors mean.
  private func drawKey(
    x: Double, y: Double, _ size: Double, _ range: (low: Double, high: Double), on canvas: Canvas
  ) {
    let low = range.low.pictured
    canvas.text(low, x: x, y: y + 0.85 * size, size: size)
    let bar = Rectangle(
      x: x + canvas.width(of: low, size: size) + 0.4 * size, y: y, width: 6 * size, height: size)
    canvas.fill(bar) { .shade($0) }
    canvas.text(
      "\(range.high.pictured) (framed)", x: bar.right + 0.4 * size, y: y + 0.85 * size, size: size)
  }

}

extension Color {
  /// The color of the frame around the highest value.
  fileprivate static let best = Color(0xE69F00)
}

extension Double {
  /// In the format of tables; huge values in powers of ten.
  package var pictured: String {
    guard abs(self) >= 1e6 else { return fourDecimals }
    let exponent = Int(log10(abs(self)).rounded(.down))
    return "\((self / pow(10, Double(exponent)) * 100).rounded() / 100)e\(exponent)"
  }
}
