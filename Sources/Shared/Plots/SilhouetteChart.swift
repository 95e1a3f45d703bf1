import Colors

/// How well each cell fits its cluster: the silhouettes of a cluster's cells, sorted, one cluster
/// below the other (Rousseeuw 1987).
package struct SilhouetteChart: Sendable {
  /// One cluster.
  package struct Cluster: Sendable {
    let name: String
    let color: Int
    /// Falling.
    let widths: [Double]

    /// The silhouettes of its cells, in any order.
    package init(name: String, color: Int, widths: [Double]) {
      (self.name, self.color, self.widths) = (name, color, widths.sorted(by: >))
    }

    fileprivate var mean: Double { widths.reduce(0, +) / Double(max(1, widths.count)) }
  }

  private let title: String
  private let clusters: [Cluster]
  /// The mean of all cells.
  private let mean: Double

  /// Clusters past this many, the smallest, are left out.
  package static let limit = 60

  /// Clusters without cells are left out.
  package init(title: String, clusters: [Cluster], mean: Double) {
    let full = clusters.indices.filter { !clusters[$0].widths.isEmpty }
    let chosen = full.sorted {
      (clusters[$1].widths.count, $0) < (clusters[$0].widths.count, $1)
    }
    .prefix(SilhouetteChart.limit).sorted()
    let left = full.count - chosen.count
    self.title = left > 0 ? "\(title) (without the \(left) smallest)" : title
    self.clusters = chosen.map { clusters[$0] }
    self.mean = mean
  }

  func draw(in frame: Rectangle, _ type: TypeScale, on canvas: Canvas) {
    let area = type.drawTitle(title, in: frame, on: canvas)
    guard !clusters.isEmpty else { return }
    let size = type.text
    let plotHeight = area.height - 3 * size
    let heights = heights(in: plotHeight)
    let rowText = max(8, min(size, (heights.min() ?? size) / 1.1))
    let names = clusters.map(\.name).shortenedApart(to: 0.25 * area.width) {
      canvas.width(of: $0, size: rowText)
    }
    let left = (names.map { canvas.width(of: $0, size: rowText) }.max() ?? 0) + 0.8 * rowText
    let means = clusters.map { $0.mean.twoDecimals }
    let right = (means.map { canvas.width(of: $0, size: rowText) }.max() ?? 0) + 0.8 * rowText
    let plot = Rectangle(
      x: area.x + left, y: area.y, width: max(1, area.width - left - right), height: plotHeight)
    let axis = ValueAxis([min(0, clusters.compactMap(\.widths.last).min() ?? 0), 1])
    drawGrid(axis, in: plot, size, on: canvas)
    var y = plot.y
    for (number, cluster) in clusters.enumerated() {
      let block = Rectangle(x: plot.x, y: y, width: plot.width, height: heights[number])
      draw(cluster, in: block, axis, on: canvas)
      let baseline = block.y + block.height / 2 + 0.36 * rowText
      canvas.text(
        names[number], x: plot.x - 0.4 * rowText, y: baseline, size: rowText, alignment: 1)
      canvas.text(means[number], x: plot.right + 0.4 * rowText, y: baseline, size: rowText)
      y = block.bottom
    }
    let x = plot.x + axis.place(mean) * plot.width
    canvas.line(
      [(x, plot.y), (x, plot.bottom)], width: 2, .ink,
      dashes: Canvas.Dashes(drawn: 8, left: 6, start: 0))
    canvas.text(
      "silhouette; the mean, \(mean.twoDecimals), is dashed", x: plot.x + plot.width / 2,
      y: plot.bottom + 2.5 * size, size: size, alignment: 0.5)
  }

  /// Half of the height is shared equally, so that small clusters are legible, half by numbers of
  /// cells.
  private func heights(in total: Double) -> [Double] {
    let cells = Double(clusters.reduce(0) { $0 + $1.widths.count })
    return clusters.map { cluster in
      total * (0.5 / Double(clusters.count) + 0.5 * Double(cluster.widths.count) / cells)
    }
  }

  private func drawGrid(
    _ axis: ValueAxis, in plot: Rectangle, _ size: Double, on canvas: Canvas
  ) {
    for tick in axis.ticks {
      let x = plot.x + axis.place(tick.value) * plot.width
      canvas.line([(x, plot.y), (x, plot.bottom)], width: 1, Color(0xE4E4E4))
      canvas.text(tick.label, x: x, y: plot.bottom + 1.2 * size, size: size, alignment: 0.5)
    }
  }

  /// A shape from 0 to the silhouette of each cell, with a gap below it.
  private func draw(
    _ cluster: Cluster, in block: Rectangle, _ axis: ValueAxis, on canvas: Canvas
  ) {
    let steps = max(1, min(cluster.widths.count, Int(2 * block.height)))
    let height = 0.9 * block.height / Double(steps)
    let zero = block.x + axis.place(0) * block.width
    var corners = [(x: zero, y: block.y)]
    for step in 0..<steps {
      let width = cluster.widths[step * cluster.widths.count / steps]
      let x = block.x + axis.place(width) * block.width
      corners.append((x, block.y + Double(step) * height))
      corners.append((x, block.y + Double(step + 1) * height))
    }
    corners.append((zero, block.y + Double(steps) * height))
    canvas.fill(corners, Palette.color(cluster.color))
  }
}

extension Double {
  /// Rounded to hundredths.
  fileprivate var twoDecimals: String {
    let hundredths = Int((abs(self) * 100).rounded())
    let digits = "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    return self < 0 && hundredths > 0 ? "-" + digits : digits
  }
}
