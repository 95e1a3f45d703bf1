import Colors

/// One value of every cell against another, each axis with its own scale.
package struct PointChart: Sendable {
  /// A value of every cell, and its name.
  package struct Axis: Sendable {
    let name: String
    let values: [Double]

    package init(name: String, values: [Double]) {
      (self.name, self.values) = (name, values)
    }
  }

  private let title: String
  private let x, y: Axis
  /// The kind of every cell.
  private let kinds: [Int]
  private let names: [String]

  /// Cells with a value that is not finite are not drawn. Kinds are drawn one after the other, so
  /// that those that need attention are on top.
  package init(title: String, x: Axis, y: Axis, kinds: [Int], names: [String]) {
    precondition(
      x.values.count == y.values.count && kinds.count == x.values.count, "two values a kind")
    precondition(kinds.allSatisfy { names.indices.contains($0) }, "a name a kind")
    (self.title, self.x, self.y, self.kinds, self.names) = (title, x, y, kinds, names)
  }

  func draw(in frame: Rectangle, _ type: TypeScale, on canvas: Canvas) {
    var area = type.drawTitle(title, in: frame, on: canvas)
    let shown = kinds.indices.filter { x.values[$0].isFinite && y.values[$0].isFinite }
    guard !shown.isEmpty else { return }
    let size = type.text
    if names.count > 1 {
      let entries = names.indices.map { (names[$0], Color.ofKind($0)) }
      area = area.inset(top: canvas.drawKey(entries, in: area, size: size))
    }
    let horizontal = ValueAxis(shown.map { x.values[$0] })
    let vertical = ValueAxis(shown.map { y.values[$0] })
    let plot = canvas.drawAxes(
      horizontal, vertical, names: (x.name, y.name), in: area, size: size)
    let side = min(plot.width, plot.height)
    let radius = min(
      0.0085 * side, max(0.0025 * side, 0.3 * side / Double(shown.count).squareRoot()))
    for kind in names.indices {
      for cell in shown where kinds[cell] == kind {
        canvas.dot(
          x: plot.x + horizontal.place(x.values[cell]) * plot.width,
          y: plot.bottom - vertical.place(y.values[cell]) * plot.height, radius: radius,
          .ofKind(kind), opacity: 0.7)
      }
    }
    canvas.frame(plot, .faint)
  }
}
