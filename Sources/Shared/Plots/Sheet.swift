// A picture is a sheet of 1,600 × 1,200 units with panels on it. A panel draws itself into a given
// frame, and the sizes of its letters follow from the frame. So one panel fills a sheet as well as
// five share it. The smallest letters remain legible if a unit is a pixel.

import Colors

/// Panels side by side on one sheet of paper.
package struct Sheet: Sendable {
  private let panels: [(panel: Panel, frame: Rectangle)]
  /// A line below all.
  private let caption: String
  /// In units.
  package let width = 1600.0
  package let height: Double

  private static let captionHeight = 36.0
  private static let gap = 12.0

  /// Arranges the panels: scatter plots above, two in a row (three if there are more than four),
  /// the others below. A single scatter plot is on the left of the others.
  package init(_ panels: [Panel], caption: String) {
    let scatters = panels.filter(\.isScatter)
    let others = panels.filter { !$0.isScatter }
    self.caption = caption
    if scatters.count == 1 && (1...3).contains(others.count) {
      height = 1200
      let area = Rectangle(x: 0, y: 0, width: 1600, height: 1200 - Sheet.captionHeight)
      let (left, right) = area.splitHorizontally(at: 0.6)
      self.panels =
        scatters.map { ($0, left.inset(by: Sheet.gap)) }
        + Sheet.stack(others.map { [$0] }, in: right)
      return
    }
    let rows =
      Sheet.rows(of: scatters, by: scatters.count > 4 ? 3 : 2) + Sheet.rows(of: others, by: 3)
    if let bars = panels.first?.heightOfBars, panels.count == 1 {
      // A few bars do not fill a sheet, and are not made thicker to fill it.
      height = min(1200, bars)
    } else {
      let isStrip = rows.count == 1 && panels.count > 1
      height = isStrip ? 800 : max(1200, 600 * Double(rows.count))
    }
    self.panels = Sheet.stack(
      rows, in: Rectangle(x: 0, y: 0, width: 1600, height: height - Sheet.captionHeight))
  }

  private static func rows(of panels: [Panel], by count: Int) -> [[Panel]] {
    stride(from: 0, to: panels.count, by: count).map {
      Array(panels[$0..<min(panels.count, $0 + count)])
    }
  }

  /// Rows of equal height, each with panels of equal width. Scatter plots of an incomplete last row
  /// are as wide as those above.
  private static func stack(_ rows: [[Panel]], in area: Rectangle) -> [(Panel, Rectangle)] {
    let height = area.height / Double(max(1, rows.count))
    return rows.enumerated().flatMap { row, panels in
      let above = panels.first?.isScatter ?? false ? rows[0].count : panels.count
      let width = area.width / Double(max(1, above))
      return panels.enumerated().map { column, panel in
        let frame = Rectangle(
          x: area.x + Double(column) * width, y: area.y + Double(row) * height, width: width,
          height: height)
        return (panel, frame.inset(by: gap))
      }
    }
  }

  /// The picture's bytes; in a PNG a unit is two pixels, in a PDF half a point. Throws kind
  /// `noMemory`, or `internalError` if cairo fails.
  package func picture(_ format: PictureFormat) throws(PlotsFault) -> [UInt8] {
    let canvas = try Canvas(width: width, height: height, format: format)
    let legendWidths = panels.map { $0.panel.legendWidth(in: $0.frame, on: canvas) }
    for (number, item) in panels.enumerated() {
      item.panel.draw(
        in: frame(of: number, legendWidths), TypeScale(for: item.frame),
        legendWidth: legendWidths[number], on: canvas)
    }
    let line = caption.shortened(to: width - 48) { canvas.width(of: $0, size: 15) }
    canvas.text(line, x: 24, y: height - 14, size: 15, color: Color(0x666666))
    return try canvas.finish()
  }

  /// A panel's frame. Scatter plots side by side share the width beside their legends, so that they
  /// have the same size.
  private func frame(of number: Int, _ legendWidths: [Double]) -> Rectangle {
    let panel = panels[number].panel
    var frame = panels[number].frame
    guard panel.isScatter else { return frame }
    let row = panels.indices.filter {
      panels[$0].panel.isScatter && panels[$0].frame.y == frame.y
    }
    let mean = row.reduce(0) { $0 + legendWidths[$1] } / Double(row.count)
    frame.width += legendWidths[number] - mean
    for place in row where panels[place].frame.x < panels[number].frame.x {
      frame.x += legendWidths[place] - mean
    }
    return frame
  }
}

/// One part of a sheet.
package enum Panel: Sendable {
  case scatter(ScatterPlot)
  case confusion(ConfusionMap)
  case sizes(SizeChart)
  case losses(LossChart)
  case surface(SurfaceMap)
  case scores(ScoreChart)
  case key(ColorKey)
  case histogram(Histogram)
  case points(PointChart)
  case values(ValuePlot)
  case dots(DotMap)
  case composition(CompositionChart)
  case heat(HeatMap)
  case violins(ViolinChart)
  case silhouettes(SilhouetteChart)
  case tree(TreeChart)
  case alluvial(AlluvialChart)

  /// Whether it is a scatter plot, or the key beside scatter plots.
  var isScatter: Bool {
    switch self {
    case .scatter, .values, .key: true
    default: false
    }
  }

  /// The height that charts of bars need; nil for the others.
  fileprivate var heightOfBars: Double? {
    switch self {
    case .sizes(let chart): max(500, chart.height)
    case .scores(let chart): chart.height
    default: nil
    }
  }

  /// The width of the legend of a scatter plot; 0 for the others.
  func legendWidth(in frame: Rectangle, on canvas: Canvas) -> Double {
    guard case .scatter(let plot) = self else { return 0 }
    return plot.legendWidth(in: frame, TypeScale(for: frame), on: canvas)
  }

  func draw(in frame: Rectangle, _ type: TypeScale, legendWidth: Double, on canvas: Canvas) {
    switch self {
    case .scatter(let plot):
      plot.draw(in: frame, type, legendWidth: legendWidth, on: canvas)
    case .confusion(let map): map.draw(in: frame, type, on: canvas)
    case .sizes(let chart): chart.draw(in: frame, type, on: canvas)
    case .losses(let chart): chart.draw(in: frame, type, on: canvas)
    case .surface(let map): map.draw(in: frame, type, on: canvas)
    case .scores(let chart): chart.draw(in: frame, type, on: canvas)
    case .key(let key): key.draw(in: frame, type, on: canvas)
    case .histogram(let chart): chart.draw(in: frame, type, on: canvas)
    case .points(let chart): chart.draw(in: frame, type, on: canvas)
    case .values(let plot): plot.draw(in: frame, type, on: canvas)
    case .dots(let map): map.draw(in: frame, type, on: canvas)
    case .composition(let chart): chart.draw(in: frame, type, on: canvas)
    case .heat(let map): map.draw(in: frame, type, on: canvas)
    case .violins(let chart): chart.draw(in: frame, type, on: canvas)
    case .silhouettes(let chart): chart.draw(in: frame, type, on: canvas)
    case .tree(let chart): chart.draw(in: frame, type, on: canvas)
    case .alluvial(let chart): chart.draw(in: frame, type, on: canvas)
    }
  }
}

/// A part of the paper, in units.
struct Rectangle: Equatable {
  var x, y, width, height: Double

  var right: Double { x + width }
  var bottom: Double { y + height }

  func inset(by margin: Double) -> Rectangle {
    inset(left: margin, top: margin, right: margin, bottom: margin)
  }

  func inset(left: Double = 0, top: Double = 0, right: Double = 0, bottom: Double = 0) -> Rectangle
  {
    Rectangle(
      x: x + left, y: y + top, width: max(1, width - left - right),
      height: max(1, height - top - bottom))
  }

  func splitHorizontally(at share: Double) -> (left: Rectangle, right: Rectangle) {
    (
      Rectangle(x: x, y: y, width: width * share, height: height),
      Rectangle(x: x + width * share, y: y, width: width * (1 - share), height: height)
    )
  }
}

/// The sizes of letters in a frame: 34 and 22 units on a whole sheet, less on a part of it, never
/// below 12.
struct TypeScale {
  let title: Double
  let text: Double
  /// The size of the drawn parts, relative to a whole sheet.
  let scale: Double

  init(for frame: Rectangle) {
    scale = min(1, (frame.width * frame.height / (1600 * 1200)).squareRoot())
    title = 14 + 20 * scale
    text = 9 + 13 * scale
  }

  /// The height of a panel's title with the space below it.
  var titleHeight: Double { 1.5 * title }

  /// Draws the title of a panel; returns the rest of the frame.
  func drawTitle(_ title: String, in frame: Rectangle, on canvas: Canvas) -> Rectangle {
    let line = title.shortened(to: frame.width) {
      canvas.width(of: $0, size: self.title, isBold: true)
    }
    canvas.text(line, x: frame.x, y: frame.y + self.title, size: self.title, isBold: true)
    return frame.inset(top: titleHeight)
  }
}
