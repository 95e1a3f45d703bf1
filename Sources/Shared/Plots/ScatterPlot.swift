import Colors
import Tensors

/// Cells in the plane, colored by class.
package struct ScatterPlot: Sendable {
  private let title: String
  /// The positions of the cells; those that are not finite are not drawn. (N, 2)
  private let points: Matrix<Double>
  /// The class of every cell, −1 for none. (N)
  private let classes: [Int]
  private let names: [String]
  /// The number in the palette of every class.
  private let colors: [Int]
  /// The names of the axes.
  private let axes: (x: String, y: String)
  /// Whether the names are in the plot, among their cells.
  private let isLabeled: Bool
  /// Whether the names are also beside it, with their numbers of cells.
  private let hasLegend: Bool
  /// The order of drawing: random, so that a large class does not hide the others.
  private let order: [Int]

  /// Without `colors` every class has its own color.
  package init(
    _ title: String, points: Matrix<Double>, classes: [Int], names: [String],
    colors: [Int]? = nil, isLabeled: Bool = false, hasLegend: Bool = true,
    axes: (x: String, y: String), seed: UInt64 = 0
  ) {
    precondition(points.columns == 2, "points of the plane, not \(points.columns) columns")
    precondition(classes.count == points.rows, "a class a cell")
    self.title = title
    self.points = points
    self.classes = classes
    self.names = names
    self.colors = colors ?? Array(names.indices)
    self.axes = axes
    self.isLabeled = isLabeled
    self.hasLegend = hasLegend
    precondition(self.colors.count == names.count, "a color a class")
    var generator = RandomGenerator(seed: seed.stream(.dots))
    order = generator.permutation(points.rows).filter {
      points[$0, 0].isFinite && points[$0, 1].isFinite
    }
  }

  /// The width that its legend needs.
  func legendWidth(in frame: Rectangle, _ type: TypeScale, on canvas: Canvas) -> Double {
    guard hasLegend else { return 0 }
    return Legend.width(
      of: entries, height: frame.height - type.titleHeight - 1.6 * type.text,
      largest: 1.1 * type.text, limit: 0.42 * frame.width, on: canvas)
  }

  /// Plots side by side have the same size if their legends have the same width.
  func draw(in frame: Rectangle, _ type: TypeScale, legendWidth: Double, on canvas: Canvas) {
    let area = type.drawTitle(title, in: frame, on: canvas)
    let (size, entries) = (type.text, entries)
    let legendHeight = area.height - 1.6 * size
    let plot = area.inset(left: 1.6 * size, right: legendWidth + 1.2 * size, bottom: 1.6 * size)
    canvas.plane(plot, axes, size: size)
    let view = Viewport(points, order, in: plot, margin: 40 * type.scale)
    drawCells(view, plot, on: canvas)
    if isLabeled { drawNames(view, plot, type, on: canvas) }
    guard hasLegend else { return }
    let space = Legend.Space(
      x: plot.right + 1.2 * size, y: plot.y, width: legendWidth, height: legendHeight)
    Legend(count: entries.count, in: space, largest: 1.1 * size).draw(entries, on: canvas)
  }

  /// Cells without a class first, below all others.
  private func drawCells(_ view: Viewport, _ plot: Rectangle, on canvas: Canvas) {
    let side = min(plot.width, plot.height)
    let radius = Viewport.radius(of: order.count, side: side)
    for isClassed in [false, true] {
      for cell in order where (classes[cell] >= 0) == isClassed {
        let (x, y) = view.place(points[cell, 0], points[cell, 1])
        let color = isClassed ? Palette.color(colors[classes[cell]]) : .missing
        canvas.dot(x: x, y: y, radius: radius, color, opacity: 0.8)
      }
    }
  }

  /// Names stand where `NamePlaces` has room for them; the legend has all.
  private func drawNames(
    _ view: Viewport, _ plot: Rectangle, _ type: TypeScale, on canvas: Canvas
  ) {
    let size = max(11, (names.count > 24 ? 0.9 : 1.15) * type.text)
    func width(_ text: String) -> Double { canvas.width(of: text, size: size, isBold: true) }
    let forms = NamePlaces.limits(width: plot.width, size: size).map { limit in
      names.shortenedApart(to: limit, width: width)
    }
    let asked = cellsByClass.enumerated().filter { !$0.element.isEmpty }.map { number, cells in
      let (x, y) = placeOfName(cells.map { view.place(points[$0, 0], points[$0, 1]) }, size)
      return NamePlaces.Name(
        forms: forms.map { ($0[number], width($0[number])) }, x: x, y: y, count: cells.count)
    }
    let space = Legend.Space(x: plot.x, y: plot.y, width: plot.width, height: plot.height)
    for name in NamePlaces(asked, size: size, in: space).places.compactMap(\.self) {
      canvas.text(
        name.text, x: name.x, y: name.y, size: size, isBold: true, alignment: 0.5, hasHalo: true)
    }
  }

  /// The middle of the baseline of a group's name: at the cell nearest to the median; that of a
  /// group too small to be seen behind its name, above it.
  private func placeOfName(
    _ places: [(x: Double, y: Double)], _ size: Double
  ) -> (x: Double, y: Double) {
    let (xs, ys) = (places.map(\.x).sorted(), places.map(\.y).sorted())
    // Quartiles do not depend on a few distant cells. A disk reaches three quarters of their
    // distance beyond them.
    let (first, last) = (places.count / 4, places.count - 1 - places.count / 4)
    let (width, height) = (xs[last] - xs[first], ys[last] - ys[first])
    let middle = NamePlaces.middle(of: places)
    let isSmall = max(width, height) < 2 * size
    return (middle.x, isSmall ? ys[first] - 0.75 * height - 0.45 * size : middle.y + 0.36 * size)
  }

  /// The drawn cells of every class.
  private var cellsByClass: [[Int]] {
    var result = [[Int]](repeating: [], count: names.count)
    for cell in order where classes[cell] >= 0 { result[classes[cell]].append(cell) }
    return result
  }

  /// The classes that have cells, and last the cells that have no class.
  private var entries: [Legend.Entry] {
    let counts = cellsByClass.map(\.count)
    var result = names.indices.filter { counts[$0] > 0 }.map { number in
      Legend.Entry(
        name: names[number], count: counts[number], color: Palette.color(colors[number]))
    }
    let missing = order.count - counts.reduce(0, +)
    if missing > 0 { result.append(Legend.Entry(name: "none", count: missing, color: .missing)) }
    return result
  }
}

extension Canvas {
  /// The frame of a plot of points, with the names of its axes.
  func plane(_ plot: Rectangle, _ axes: (x: String, y: String), size: Double) {
    frame(plot, .faint)
    text(
      axes.x, x: plot.x + plot.width / 2, y: plot.bottom + 1.2 * size, size: size, alignment: 0.5)
    text(
      axes.y, x: plot.x - 0.6 * size, y: plot.y + plot.height / 2, size: size, alignment: 0.5,
      isUpright: true)
  }
}

/// The positions of points of the plane on the canvas: the same scale along both axes, all inside
/// with a margin.
struct Viewport {
  private let scale: Double
  private let centerX, centerY: Double
  private let middleX, middleY: Double

  init(
    _ points: Matrix<Double>, _ order: [Int], in frame: Rectangle, margin: Double
  ) {
    func bounds(_ axis: Int) -> (low: Double, high: Double) {
      var (low, high) = (Double.infinity, -Double.infinity)
      for cell in order {
        low = min(low, points[cell, axis])
        high = max(high, points[cell, axis])
      }
      return low <= high ? (low, high) : (0, 0)
    }
    let (horizontal, vertical) = (bounds(0), bounds(1))
    // Halves come first: the difference of two finite numbers need not be finite.
    let (halfWidth, halfHeight) = (
      horizontal.high / 2 - horizontal.low / 2, vertical.high / 2 - vertical.low / 2
    )
    let fitting = [(frame.width, halfWidth), (frame.height, halfHeight)].compactMap { space, half in
      half > 0 ? (space / 2 - margin) / half : nil
    }
    let best = fitting.min() ?? 1
    scale = best.isFinite ? best : 1
    (centerX, centerY) = (horizontal.low + halfWidth, vertical.low + halfHeight)
    (middleX, middleY) = (
      frame.x + frame.width / 2, frame.y + frame.height / 2
    )
  }

  /// The radius of a dot for that many cells in a square of that side.
  static func radius(of count: Int, side: Double) -> Double {
    min(0.0085 * side, max(0.0022 * side, 0.3 * side / Double(max(1, count)).squareRoot()))
  }

  /// The vertical axis points up.
  func place(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    (middleX + (x - centerX) * scale, middleY - (y - centerY) * scale)
  }
}
