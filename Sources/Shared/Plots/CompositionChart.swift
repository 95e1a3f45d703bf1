import Colors

/// The composition of samples: a bar for each sample, divided by the shares of the clusters.
package struct CompositionChart: Sendable {
  /// One sample.
  package struct Bar: Sendable {
    let name: String
    /// Cells by cluster.
    let counts: [Int]

    package init(name: String, counts: [Int]) { (self.name, self.counts) = (name, counts) }

    fileprivate var total: Int { counts.reduce(0, +) }
  }

  private let title: String
  private let bars: [Bar]
  private let clusters: [String]
  private let colors: [Int]

  /// Bars past this many, the smallest, are left out.
  package static let limit = 40

  /// Samples without cells are left out. Without `colors` every cluster has its own color.
  package init(title: String, bars: [Bar], clusters: [String], colors: [Int]? = nil) {
    precondition(bars.allSatisfy { $0.counts.count == clusters.count }, "a count a cluster")
    let full = bars.indices.filter { bars[$0].total > 0 }
    let chosen = full.sorted { (bars[$1].total, $0) < (bars[$0].total, $1) }
      .prefix(CompositionChart.limit).sorted()
    let left = full.count - chosen.count
    self.title = left > 0 ? "\(title) (without the \(left) smallest)" : title
    self.bars = chosen.map { bars[$0] }
    self.clusters = clusters
    self.colors = colors ?? Array(clusters.indices)
    precondition(self.colors.count == clusters.count, "a color a cluster")
  }

  func draw(in frame: Rectangle, _ type: TypeScale, on canvas: Canvas) {
    let area = type.drawTitle(title, in: frame, on: canvas)
    guard !bars.isEmpty else { return }
    let size = type.text
    let entries = clusters.indices.compactMap { cluster -> Legend.Entry? in
      let count = bars.reduce(0) { $0 + $1.counts[cluster] }
      return count > 0
        ? Legend.Entry(name: clusters[cluster], count: count, color: color(cluster)) : nil
    }
    let legendWidth = Legend.width(
      of: entries, height: area.height - 2 * size, largest: 1.1 * size, limit: 0.35 * area.width,
      on: canvas)
    let row = min(3.4 * size, (area.height - 2.6 * size) / Double(bars.count))
    let rowText = max(8, min(size, row / 1.2))
    let counts = bars.map { "  \($0.total.grouped)" }
    let widest = counts.map { canvas.width(of: $0, size: rowText) }.max() ?? 0
    let names = bars.map(\.name).shortenedApart(to: 0.25 * area.width) {
      canvas.width(of: $0, size: rowText)
    }
    let left = (names.map { canvas.width(of: $0, size: rowText) }.max() ?? 0) + 0.8 * rowText
    let map = area.inset(left: left, right: legendWidth + widest + 2 * size)
    for (number, bar) in bars.enumerated() {
      let y = map.y + (Double(number) + 0.5) * row
      drawBar(
        bar, in: Rectangle(x: map.x, y: y - 0.38 * row, width: map.width, height: 0.76 * row),
        on: canvas)
      let baseline = y + 0.36 * rowText
      canvas.text(names[number], x: map.x - 0.4 * rowText, y: baseline, size: rowText, alignment: 1)
      canvas.text(counts[number], x: map.right, y: baseline, size: rowText, color: Color(0x777777))
    }
    drawAxis(under: map, y: map.y + row * Double(bars.count), size, on: canvas)
    let space = Legend.Space(
      x: map.right + widest + 1.6 * size, y: area.y, width: legendWidth,
      height: area.height - 2 * size)
    Legend(count: entries.count, in: space, largest: 1.1 * size).draw(entries, on: canvas)
  }

  private func color(_ cluster: Int) -> Color { Palette.color(colors[cluster]) }

  private func drawBar(_ bar: Bar, in area: Rectangle, on canvas: Canvas) {
    var x = area.x
    for (cluster, count) in bar.counts.enumerated() where count > 0 {
      let width = area.width * Double(count) / Double(bar.total)
      let part = Rectangle(x: x, y: area.y, width: width, height: area.height)
      canvas.fill(part, color(cluster))
      if width > 3 { canvas.line([(x, area.y), (x, area.bottom)], width: 1, .paper) }
      x += width
    }
  }

  private func drawAxis(under map: Rectangle, y: Double, _ size: Double, on canvas: Canvas) {
    for share in [0, 25, 50, 75, 100] {
      let x = map.x + map.width * Double(share) / 100
      canvas.line([(x, y), (x, y + 0.3 * size)], width: 1, .ink)
      canvas.text(
        share == 100 ? "100 %" : "\(share)", x: x, y: y + 1.4 * size, size: size, alignment: 0.5)
    }
  }
}
