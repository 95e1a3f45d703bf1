import Colors

/// The number of cells by value, in bars of equal width with the kinds stacked. The axis is
/// logarithmic if positive values are far apart.
package struct Histogram: Sendable {
  private let title: String
  /// What the values are.
  private let axis: String
  private let values: [Double]
  /// The kind of every value.
  private let kinds: [Int]
  /// The names of the kinds; the first has the color of the good ones.
  private let names: [String]
  /// Values that are marked by a line.
  private let marks: [Double]
  /// Whether the axis begins at 0, however far apart the values are.
  private let isLinear: Bool

  private static let bars = 60

  /// Values that are not finite are left out. With one kind no key is drawn.
  package init(
    title: String, axis: String, values: [Double], kinds: [Int], names: [String],
    marks: [Double] = [], isLinear: Bool = false
  ) {
    precondition(kinds.count == values.count, "a kind a value")
    precondition(kinds.allSatisfy { names.indices.contains($0) }, "a name a kind")
    let known = values.indices.filter { values[$0].isFinite }
    self.title = title
    self.axis = axis
    self.values = known.map { values[$0] }
    self.kinds = known.map { kinds[$0] }
    self.names = names
    self.marks = marks.filter(\.isFinite)
    self.isLinear = isLinear
  }

  func draw(in frame: Rectangle, _ type: TypeScale, on canvas: Canvas) {
    var area = type.drawTitle(title, in: frame, on: canvas)
    guard !values.isEmpty else { return }
    let size = type.text
    if names.count > 1 {
      let entries = names.indices.map { (names[$0], Color.ofKind($0)) }
      area = area.inset(top: canvas.drawKey(entries, in: area, size: size))
    }
    let axis = ValueAxis(values + (isLinear ? [0] : []))
    let counts = counts(along: axis)
    let heights = counts.map { $0.reduce(0, +) }
    let vertical = ValueAxis([0, Double(heights.max() ?? 1)])
    let plot = canvas.drawAxes(
      axis, vertical, names: (self.axis, "cells"), in: area, size: size)
    let width = plot.width / Double(counts.count)
    for (bar, kinds) in counts.enumerated() {
      var below = 0
      for (kind, count) in kinds.enumerated() where count > 0 {
        let (low, high) = (
          vertical.place(Double(below)), vertical.place(Double(below + count))
        )
        canvas.fill(
          Rectangle(
            x: plot.x + Double(bar) * width, y: plot.bottom - high * plot.height,
            width: 0.94 * width, height: (high - low) * plot.height), .ofKind(kind))
        below += count
      }
    }
    for mark in marks where axis.shows(mark) {
      let x = plot.x + axis.place(mark) * plot.width
      canvas.line(
        [(x, plot.y), (x, plot.bottom)], width: max(1.5, 2.5 * type.scale), .ink,
        dashes: Canvas.Dashes(drawn: 8, left: 5, start: 0))
    }
    canvas.frame(plot, .faint)
  }

  /// Values of each kind in each bar.
  private func counts(along axis: ValueAxis) -> [[Int]] {
    var counts = [[Int]](
      repeating: Array(repeating: 0, count: names.count), count: Self.bars)
    for (value, kind) in zip(values, kinds) {
      let bar = min(Self.bars - 1, Int(axis.place(value) * Double(Self.bars)))
      counts[bar][kind] += 1
    }
    return counts
  }
}

extension Color {
  /// Blue for the first kind, warm colors for the kinds that need attention.
  static func ofKind(_ kind: Int) -> Color {
    let colors = [0x0072B2, 0xE69F00, 0xD55E00, 0x999999, 0xCC79A7].map { Color(UInt32($0)) }
    return kind < colors.count ? colors[kind] : Palette.color(kind + 7)
  }
}

extension Canvas {
  /// Draws the ticks and names of both axes; returns the rest of the area, for the plot.
  func drawAxes(
    _ horizontal: ValueAxis, _ vertical: ValueAxis, names: (x: String, y: String),
    in area: Rectangle, size: Double
  ) -> Rectangle {
    let widest = vertical.ticks.map { width(of: $0.label, size: size) }.max() ?? 0
    let plot = area.inset(
      left: widest + 2.2 * size, top: 0.6 * size, right: 2 * size, bottom: 3 * size)
    for tick in vertical.ticks {
      let y = plot.bottom - vertical.place(tick.value) * plot.height
      line([(plot.x, y), (plot.right, y)], width: 1, Color(0xE4E4E4))
      text(tick.label, x: plot.x - 0.4 * size, y: y + 0.36 * size, size: size, alignment: 1)
    }
    for tick in horizontal.ticks {
      let x = plot.x + horizontal.place(tick.value) * plot.width
      line([(x, plot.y), (x, plot.bottom)], width: 1, Color(0xE4E4E4))
      text(tick.label, x: x, y: plot.bottom + 1.2 * size, size: size, alignment: 0.5)
    }
    let below = horizontal.isLogarithmic ? "\(names.x) (log scale)" : names.x
    text(
      below.shortened(to: plot.width) { width(of: $0, size: size) }, x: plot.x + plot.width / 2,
      y: plot.bottom + 2.5 * size, size: size, alignment: 0.5)
    let beside = vertical.isLogarithmic ? "\(names.y) (log scale)" : names.y
    text(
      beside.shortened(to: plot.height) { width(of: $0, size: size) }, x: area.x + size,
      y: plot.y + plot.height / 2, size: size, alignment: 0.5, isUpright: true)
    return plot
  }
}
