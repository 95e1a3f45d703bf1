import Colors

/// The number of cells of each cluster, divided by kind (reliable, and why not): a bar for each
/// cluster.
package struct SizeChart: Sendable {
  /// One cluster.
  package struct Bar: Sendable {
    let name: String
    /// Cells by kind.
    let counts: [Int]

    package init(name: String, counts: [Int]) {
      self.name = name
      self.counts = counts
    }

    var total: Int { counts.reduce(0, +) }
  }

  private let title: String
  private let bars: [Bar]
  private let kinds: [String]
  /// The share of the first kind is relative to this many kinds, from the first.
  private let comparedKinds: Int

  /// Bars past this many, the smallest, are left out.
  package static let limit = 40

  /// `kinds` names the counts of every bar; with one kind no legend is drawn. `lastIsApart`: the
  /// last kind does not count for the share of the first.
  package init(title: String, bars: [Bar], kinds: [String], lastIsApart: Bool = false) {
    precondition(bars.allSatisfy { $0.counts.count == kinds.count }, "a count a kind")
    let chosen = bars.indices.sorted { (bars[$1].total, $0) < (bars[$0].total, $1) }
      .prefix(SizeChart.limit).sorted()
    let left = bars.count - chosen.count
    self.title = left > 0 ? "\(title) (without the \(left) smallest)" : title
    self.bars = chosen.map { bars[$0] }
    self.kinds = kinds
    comparedKinds = kinds.count - (lastIsApart ? 1 : 0)
  }

  /// Blue for the first kind, warm colors for the kinds that need attention.
  private static let colors = [0x0072B2, 0xE69F00, 0x56B4E9, 0xD55E00, 0xCC79A7].map {
    Color(UInt32($0))
  }

  private func color(_ kind: Int) -> Color {
    kind < SizeChart.colors.count ? SizeChart.colors[kind] : Palette.color(kind + 7)
  }

  /// Its height on a whole sheet: title and key, and the largest height of every bar.
  var height: Double { 140 + 66 * Double(bars.count) }

  func draw(in frame: Rectangle, _ type: TypeScale, on canvas: Canvas) {
    var area = type.drawTitle(title, in: frame, on: canvas)
    guard !bars.isEmpty else { return }
    if kinds.count > 1 {
      let used = drawKey(in: area, type, on: canvas)
      area = area.inset(top: used)
    }
    let pitch = min(area.height / Double(bars.count), 3 * type.text)
    let size = max(8, min(type.text, pitch / 1.1))
    let names = bars.map(\.name).shortenedApart(to: 0.35 * area.width) {
      canvas.width(of: $0, size: size)
    }
    let left = (names.map { canvas.width(of: $0, size: size) }.max() ?? 0) + 0.6 * size
    let figures = bars.map(figure)
    let right = (figures.map { canvas.width(of: $0, size: size) }.max() ?? 0) + 0.6 * size
    let largest = Double(max(1, bars.map(\.total).max() ?? 1))
    let room = max(20, area.width - left - right)
    for (number, bar) in bars.enumerated() {
      let top = area.y + Double(number) * pitch
      let baseline = top + pitch / 2 + 0.36 * size
      canvas.text(
        names[number], x: area.x + left - 0.4 * size, y: baseline, size: size, alignment: 1)
      var x = area.x + left
      for (kind, count) in bar.counts.enumerated() where count > 0 {
        let width = room * Double(count) / largest
        canvas.fill(
          Rectangle(x: x, y: top + 0.12 * pitch, width: width, height: 0.76 * pitch), color(kind))
        x += width
      }
      canvas.text(figures[number], x: x + 0.4 * size, y: baseline, size: size)
    }
  }

  /// `1,234 · 83 %`, the share of the first kind.
  private func figure(_ bar: Bar) -> String {
    let compared = bar.counts.prefix(comparedKinds).reduce(0, +)
    guard kinds.count > 1, compared > 0 else { return bar.total.grouped }
    let share = 100 * Double(bar.counts[0]) / Double(compared)
    return "\(bar.total.grouped) · \(Int(share.rounded())) %"
  }

  /// Draws the meaning of the colors; returns its height.
  private func drawKey(in area: Rectangle, _ type: TypeScale, on canvas: Canvas) -> Double {
    let entries = kinds.indices.map { (kinds[$0], color($0)) }
    return canvas.drawKey(entries, in: area, size: type.text)
  }
}

extension Canvas {
  /// Draws squares with names in lines; returns their height.
  func drawKey(_ entries: [(name: String, color: Color)], in area: Rectangle, size: Double)
    -> Double
  {
    var (x, y) = (area.x, area.y)
    for (name, color) in entries {
      let text = name.shortened(to: area.width - 1.4 * size) { width(of: $0, size: size) }
      let extent = 1.3 * size + width(of: text, size: size)
      if x > area.x && x + extent > area.right {
        x = area.x
        y += 1.4 * size
      }
      fill(Rectangle(x: x, y: y + 0.1 * size, width: 0.9 * size, height: 0.9 * size), color)
      self.text(text, x: x + 1.2 * size, y: y + 0.9 * size, size: size)
      x += extent + size
    }
    return y - area.y + 1.8 * size
  }
}
