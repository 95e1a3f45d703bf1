import Colors
import Tensors

/// Cells in the plane, darker the higher their value: a gene, or a figure of the cells.
package struct ValuePlot: Sendable {
  private let title: String
  /// (N, 2)
  private let points: Matrix<Double>
  /// Values that are not finite are missing. (N)
  private let values: [Double]
  private let axes: (x: String, y: String)
  /// The order of drawing: missing values first, then by value, so that a few high ones are not
  /// hidden.
  private let order: [Int]
  /// The values of the lightest and the darkest color; nil if there is no value.
  private let range: (low: Double, high: Double)?
  /// Whether there are values above that of the darkest color.
  private let isCut: Bool

  /// The share of the values that the colors distinguish; the highest values share one color.
  package static let shownShare = 0.99

  package init(
    _ title: String, points: Matrix<Double>, values: [Double], axes: (x: String, y: String)
  ) {
    precondition(points.columns == 2, "points of the plane, not \(points.columns) columns")
    precondition(values.count == points.rows, "a value a cell")
    (self.title, self.points, self.values, self.axes) = (title, points, values, axes)
    order = values.indices.filter { points[$0, 0].isFinite && points[$0, 1].isFinite }.sorted {
      let (a, b) = (values[$0], values[$1])
      if a.isFinite != b.isFinite { return b.isFinite }
      return a.isFinite && a != b ? a < b : $0 < $1
    }
    let known = values.filter(\.isFinite).sorted()
    guard let low = known.first, let highest = known.last else {
      (range, isCut) = (nil, false)
      return
    }
    let cut = known[min(known.count - 1, Int(ValuePlot.shownShare * Double(known.count)))]
    isCut = cut > low && cut < highest
    range = (low, isCut ? cut : highest)
  }

  func draw(in frame: Rectangle, _ type: TypeScale, on canvas: Canvas) {
    let size = type.text
    // The key is in the line of the title, so that the plot is as high as those beside it.
    let key = keyTexts
    let keyWidth =
      [key.low, key.high].map { canvas.width(of: $0, size: size) }.reduce(0, +) + 6.8 * size
    _ = type.drawTitle(title, in: frame.inset(right: keyWidth + 1.8 * size), on: canvas)
    let area = frame.inset(top: type.titleHeight)
    let plot = area.inset(left: 1.6 * size, right: 1.2 * size, bottom: 1.6 * size)
    if range != nil {
      drawKey(
        key, x: plot.right - keyWidth, y: frame.y + type.title - 0.85 * size, size, on: canvas)
    }
    canvas.plane(plot, axes, size: size)
    let view = Viewport(points, order, in: plot, margin: 40 * type.scale)
    let side = min(plot.width, plot.height)
    let radius = Viewport.radius(of: order.count, side: side)
    for cell in order {
      let (x, y) = view.place(points[cell, 0], points[cell, 1])
      canvas.dot(x: x, y: y, radius: radius, color(values[cell]), opacity: 0.9)
    }
  }

  private func color(_ value: Double) -> Color {
    guard let range, value.isFinite else { return .missing }
    return ValuePlot.shade(
      range.high > range.low ? (value - range.low) / (range.high - range.low) : 0)
  }

  /// The lightest color is still visible on paper.
  private static func shade(_ place: Double) -> Color {
    .shade(0.12 + 0.88 * min(1, max(0, place)))
  }

  /// The texts on either side of the key.
  private var keyTexts: (low: String, high: String) {
    guard let range else { return ("", "") }
    let missing = order.count { !values[$0].isFinite }
    return (
      range.low.short,
      (isCut ? "≥ " : "") + range.high.short
        + (missing > 0 ? "; grey: \(missing.grouped) without" : "")
    )
  }

  private func drawKey(
    _ key: (low: String, high: String), x: Double, y: Double, _ size: Double, on canvas: Canvas
  ) {
    canvas.text(key.low, x: x, y: y + 0.85 * size, size: size)
    let bar = Rectangle(
      x: x + canvas.width(of: key.low, size: size) + 0.4 * size, y: y, width: 6 * size,
      height: size)
    canvas.fill(bar, by: ValuePlot.shade)
    canvas.text(key.high, x: bar.right + 0.4 * size, y: y + 0.85 * size, size: size)
  }
}

extension Double {
  /// As few digits as distinguish values in a key.
  fileprivate var short: String {
    if abs(self) >= 1e6 { return pictured }
    if abs(self) >= 100 || self == rounded() { return Int(rounded()).grouped }
    return "\((self * 100).rounded() / 100)"
  }
}
