import Tensors

/// Cells in the plane, colored by class: one panel, or several beside each other that show the same cells.
package struct ScatterPlot: Sendable {
  /// One way to color the cells.
  package struct Panel: Sendable {
    package let title: String
    /// The class of every cell, −1 for none. (N)
    package let classes: [Int]
    package let names: [String]
    /// The number in the palette of every class.
    package let colors: [Int]
    /// Whether the names stand in the plot, at the medians of their cells.
    package let isLabeled: Bool

    /// Without `colors` every class has its own.
    package init(
      title: String, classes: [Int], names: [String], colors: [Int]? = nil, isLabeled: Bool = false
    ) {
      self.title = title
      self.classes = classes
      self.names = names
      self.colors = colors ?? Array(names.indices)
      self.isLabeled = isLabeled
      precondition(self.colors.count == names.count, "a color a class")
    }
  }

  /// The places of the cells; those that are not finite are not drawn. (N, 2)
  private let points: Matrix<Double>
  private let panels: [Panel]
  /// The names of the axes.
  private let axes: (x: String, y: String)
  /// A line below all.
  private let caption: String
  /// The order of drawing: random, so that no class hides another by its number.
  private let order: [Int]

  /// Of the picture, in pixels.
  private static let height = 1000
  /// Of a panel's frame, and of its legend.
  private static let plotHeight = 820.0

  package init(
    _ points: Matrix<Double>, panels: [Panel], axes: (x: String, y: String), caption: String,
    seed: UInt64 = 0
  ) {
    precondition(points.columns == 2, "points of the plane, not \(points.columns) columns")
    precondition(panels.allSatisfy { $0.classes.count == points.rows }, "a class a cell")
    self.points = points
    self.panels = panels
    self.axes = axes
    self.caption = caption
    var generator = RandomGenerator(seed: seed, stream: 0x506C_6F74)
    order = generator.permutation(points.rows).filter {
      points[$0, 0].isFinite && points[$0, 1].isFinite
    }
  }

  /// The picture's bytes. Throws kind `noMemory`, or `internalError` where cairo fails.
  package func picture(_ format: PictureFormat) throws(PlotsFault) -> [UInt8] {
    let panelWidth = panels.count > 1 ? 1250 : 1600
    let canvas = try Canvas(
      width: panelWidth * panels.count, height: ScatterPlot.height, format: format)
    let legendWidth =
      panels.map { Legend.width(of: entries(of: $0), height: ScatterPlot.plotHeight, on: canvas) }
      .max() ?? 0
    for (number, panel) in panels.enumerated() {
      draw(
        panel, x: Double(number * panelWidth), width: Double(panelWidth), legendWidth, on: canvas)
    }
    canvas.text(
      caption.printable, x: 60, y: Double(ScatterPlot.height) - 22, size: 18, color: Color(0x666666)
    )
    return try canvas.finish()
  }

  private func draw(
    _ panel: Panel, x: Double, width: Double, _ legendWidth: Double, on canvas: Canvas
  ) {
    let (left, top) = (x + 60, 80.0)
    let (plotWidth, plotHeight) = (width - 60 - legendWidth - 50, ScatterPlot.plotHeight)
    let title = panel.title.shortened(to: plotWidth) {
      canvas.width(of: $0, size: 34, isBold: true)
    }
    canvas.text(title, x: left, y: 54, size: 34, isBold: true)
    canvas.frame(x: left, y: top, width: plotWidth, height: plotHeight, .faint)
    canvas.text(
      axes.x, x: left + plotWidth / 2, y: top + plotHeight + 32, size: 22, alignment: 0.5)
    canvas.text(
      axes.y, x: left - 16, y: top + plotHeight / 2, size: 22, alignment: 0.5, isUpright: true)
    let view = Viewport(
      points, order, x: left, y: top, width: plotWidth, height: plotHeight)
    drawCells(panel, view, on: canvas)
    if panel.isLabeled { drawNames(panel, view, on: canvas) }
    let space = Legend.Space(
      x: left + plotWidth + 24, y: top, width: legendWidth, height: plotHeight)
    let entries = entries(of: panel)
    Legend(count: entries.count, in: space).draw(entries, on: canvas)
  }

  /// Cells without a class first, below all others.
  private func drawCells(_ panel: Panel, _ view: Viewport, on canvas: Canvas) {
    let radius = min(7, max(1.6, 240 / Double(max(1, order.count)).squareRoot()))
    for isClassed in [false, true] {
      for cell in order where (panel.classes[cell] >= 0) == isClassed {
        let (x, y) = view.place(points[cell, 0], points[cell, 1])
        let color = isClassed ? Palette.color(panel.colors[panel.classes[cell]]) : .missing
        canvas.dot(x: x, y: y, radius: radius, color, opacity: 0.8)
      }
    }
  }

  /// Names stand at the medians; that of a group too small to be seen behind its name, above it.
  private func drawNames(_ panel: Panel, _ view: Viewport, on canvas: Canvas) {
    let size = panel.names.count > 24 ? 22.0 : 28
    for (number, cells) in cells(of: panel).enumerated() where !cells.isEmpty {
      let places = cells.map { view.place(points[$0, 0], points[$0, 1]) }
      let (xs, ys) = (places.map(\.x).sorted(), places.map(\.y).sorted())
      // Quartiles, which a few cells far away do not move; a disk reaches three quarters of their distance beyond them.
      let (first, last) = (cells.count / 4, cells.count - 1 - cells.count / 4)
      let (width, height) = (xs[last] - xs[first], ys[last] - ys[first])
      let isSmall = max(width, height) < 2 * size
      let above = ys[first] - 0.75 * height - 0.45 * size
      let name = panel.names[number].shortened(to: 120) {
        canvas.width(of: $0, size: size, isBold: true)
      }
      canvas.text(
        name, x: xs[cells.count / 2],
        y: isSmall ? above : ys[cells.count / 2] + 0.36 * size, size: size,
        isBold: true, alignment: 0.5, hasHalo: true)
    }
  }

  /// The drawn cells of every class.
  private func cells(of panel: Panel) -> [[Int]] {
    var result = [[Int]](repeating: [], count: panel.names.count)
    for cell in order where panel.classes[cell] >= 0 { result[panel.classes[cell]].append(cell) }
    return result
  }

  /// The classes that have cells, and last the cells that have no class.
  private func entries(of panel: Panel) -> [Legend.Entry] {
    let counts = cells(of: panel).map(\.count)
    var result = panel.names.indices.filter { counts[$0] > 0 }.map { number in
      Legend.Entry(
        name: panel.names[number], count: counts[number],
        color: Palette.color(panel.colors[number]))
    }
    let missing = order.count - counts.reduce(0, +)
    if missing > 0 { result.append(Legend.Entry(name: "none", count: missing, color: .missing)) }
    return result
  }
}

/// Where points of the plane stand on the canvas: the same scale along both axes, all inside with a margin.
private struct Viewport {
  private let scale: Double
  private let centerX, centerY: Double
  private let middleX, middleY: Double

  init(
    _ points: Matrix<Double>, _ order: [Int], x: Double, y: Double, width: Double, height: Double
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
    let margin = 50.0
    // Halves first: the difference of two finite numbers need not be finite.
    let (halfWidth, halfHeight) = (
      horizontal.high / 2 - horizontal.low / 2, vertical.high / 2 - vertical.low / 2
    )
    let fitting = [(width, halfWidth), (height, halfHeight)].compactMap { space, half in
      half > 0 ? (space / 2 - margin) / half : nil
    }
    let best = fitting.min() ?? 1
    scale = best.isFinite ? best : 1
    (centerX, centerY) = (horizontal.low + halfWidth, vertical.low + halfHeight)
    (middleX, middleY) = (x + width / 2, y + height / 2)
  }

  /// The vertical axis points up.
  func place(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    (middleX + (x - centerX) * scale, middleY - (y - centerY) * scale)
  }
}
