import Colors

/// Genes in cells: a row for each gene, a column for each cell, sorted by cluster. A field is
/// darker the higher the gene is, between 0 and its highest value.
package struct HeatMap: Sendable {
  private let title: String
  private let clusters: [String]
  private let colors: [Int]
  private let genes: [GeneCells]
  /// The number of cells of each cluster.
  private let cells: [Int]

  /// Without `colors` every cluster has its own color.
  package init(title: String, clusters: [String], colors: [Int]? = nil, genes: [GeneCells]) {
    let cells = genes.first?.values.map(\.count) ?? clusters.map { _ in 0 }
    precondition(
      cells.count == clusters.count && genes.allSatisfy { $0.values.map(\.count) == cells },
      "the same cells in every gene")
    (self.title, self.clusters, self.genes, self.cells) = (title, clusters, genes, cells)
    self.colors = colors ?? Array(clusters.indices)
    precondition(self.colors.count == clusters.count, "a color a cluster")
  }

  func draw(in frame: Rectangle, _ type: TypeScale, on canvas: Canvas) {
    let area = type.drawTitle(title, in: frame, on: canvas)
    let total = cells.reduce(0, +)
    guard total > 0, !genes.isEmpty else { return }
    let strip = 0.8 * type.text
    let row = min(2 * type.text, (area.height - strip - 10 * type.text) / Double(genes.count))
    let rowText = max(8, min(type.text, row / 1.05))
    let names = genes.map(\.name).shortenedApart(to: 0.2 * area.width) {
      canvas.width(of: $0, size: rowText)
    }
    let left = (names.map { canvas.width(of: $0, size: rowText) }.max() ?? 0) + 0.8 * rowText
    // A gap between clusters, a tenth of the width at the most.
    let gap = min(0.25 * type.text, 0.1 * area.width / Double(clusters.count))
    let width =
      (area.width - left - gap * Double(clusters.count - 1)) / Double(total)
    let top = area.y + strip + 0.3 * type.text
    var x = area.x + left
    var middles: [Double] = []
    for (cluster, count) in cells.enumerated() {
      let block = Rectangle(
        x: x, y: top, width: width * Double(count), height: row * Double(genes.count))
      drawBlock(cluster, in: block, row, width, on: canvas)
      canvas.fill(
        Rectangle(x: x, y: area.y, width: block.width, height: strip),
        Palette.color(colors[cluster]))
      middles.append(x + block.width / 2)
      x = block.right + gap
    }
    for (number, name) in names.enumerated() {
      let y = top + (Double(number) + 0.5) * row + 0.36 * rowText
      canvas.text(name, x: area.x + left - 0.4 * rowText, y: y, size: rowText, alignment: 1)
    }
    let bottom = top + row * Double(genes.count)
    clusters.drawUpright(
      at: middles, y: bottom, space: area.width / Double(clusters.count), type, on: canvas)
    drawKey(x: area.x, y: bottom + 7.6 * type.text, type, on: canvas)
  }

  /// The cells of one cluster. Values of 0 have the color of the background.
  private func drawBlock(
    _ cluster: Int, in block: Rectangle, _ row: Double, _ width: Double, on canvas: Canvas
  ) {
    canvas.fill(block, HeatMap.shade(0))
    for (number, gene) in genes.enumerated() {
      let highest = gene.highest
      for (place, value) in gene.values[cluster].enumerated() where value > 0 {
        canvas.fill(
          Rectangle(
            x: block.x + Double(place) * width, y: block.y + Double(number) * row, width: width,
            height: row), HeatMap.shade(value / highest))
      }
    }
  }

  private static func shade(_ place: Double) -> Color { .shade(min(1, max(0, place))) }

  /// What the colors mean.
  private func drawKey(x: Double, y: Double, _ type: TypeScale, on canvas: Canvas) {
    let size = type.text
    let line = y + size
    canvas.text("a column a cell; 0", x: x, y: line, size: size)
    let start = x + canvas.width(of: "a column a cell; 0", size: size) + 0.4 * size
    canvas.fill(
      Rectangle(x: start, y: line - 0.85 * size, width: 5 * size, height: size),
      by: HeatMap.shade)
    canvas.text("the highest value of the gene", x: start + 5.4 * size, y: line, size: size)
  }
}

extension [String] {
  /// Names of columns below a picture, upright.
  func drawUpright(
    at middles: [Double], y: Double, space: Double, _ type: TypeScale, on canvas: Canvas
  ) {
    let size = Swift.max(8, Swift.min(type.text, space / 1.05))
    let names = shortenedApart(to: 6.8 * type.text) { canvas.width(of: $0, size: size) }
    for (name, middle) in zip(names, middles) {
      canvas.text(
        name, x: middle + 0.36 * size, y: y + 0.4 * size, size: size, alignment: 1, isUpright: true)
    }
  }
}
