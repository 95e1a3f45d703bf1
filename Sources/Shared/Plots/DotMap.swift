import Colors

/// Genes in clusters. A dot is larger the more of a cluster's cells express the gene, and darker
/// the higher the gene's mean is there among the clusters.
package struct DotMap: Sendable {
  /// One gene, with a value for every cluster.
  package struct Gene: Sendable {
    let name: String
    /// The share of the cluster's cells in which it is not 0.
    let shares: [Double]
    /// The mean of its values in the cluster.
    let means: [Double]

    package init(name: String, shares: [Double], means: [Double]) {
      precondition(shares.count == means.count, "a share and a mean a cluster")
      (self.name, self.shares, self.means) = (name, shares, means)
    }

    /// The mean of a cluster between the least, 0, and the highest, 1.
    fileprivate func place(_ cluster: Int) -> Double {
      guard let low = means.min(), let high = means.max(), high > low else { return 0.5 }
      return (means[cluster] - low) / (high - low)
    }
  }

  private let title: String
  private let clusters: [String]
  private let genes: [Gene]

  /// A row for each cluster, a column for each gene, in their orders.
  package init(title: String, clusters: [String], genes: [Gene]) {
    precondition(genes.allSatisfy { $0.shares.count == clusters.count }, "a value a cluster")
    (self.title, self.clusters, self.genes) = (title, clusters, genes)
  }

  func draw(in frame: Rectangle, _ type: TypeScale, on canvas: Canvas) {
    let area = type.drawTitle(title, in: frame, on: canvas)
    guard !clusters.isEmpty, !genes.isEmpty else { return }
    let room = (area.height - 10.4 * type.text) / Double(clusters.count)
    let row = min(3 * type.text, room)
    let rowText = max(8, min(type.text, row / 1.1))
    let names = clusters.shortenedApart(to: 0.3 * area.width) {
      canvas.width(of: $0, size: rowText)
    }
    let left = (names.map { canvas.width(of: $0, size: rowText) }.max() ?? 0) + 0.8 * rowText
    let column = min(3 * type.text, (area.width - left) / Double(genes.count))
    let map = Rectangle(
      x: area.x + left, y: area.y, width: column * Double(genes.count),
      height: row * Double(clusters.count))
    let largest = 0.46 * min(row, column)
    for (number, name) in names.enumerated() {
      let y = map.y + (Double(number) + 0.5) * row
      canvas.line([(map.x, y), (map.right, y)], width: 0.6, .faint)
      canvas.text(
        name, x: map.x - 0.4 * rowText, y: y + 0.36 * rowText, size: rowText, alignment: 1)
      for (place, gene) in genes.enumerated() where gene.shares[number] > 0 {
        canvas.dot(
          x: map.x + (Double(place) + 0.5) * column, y: y,
          radius: DotMap.radius(gene.shares[number], largest),
          DotMap.shade(gene.place(number)))
      }
    }
    canvas.frame(map, .faint)
    drawGenes(under: map, column, type, on: canvas)
    drawKey(x: area.x, y: map.bottom + 7.6 * type.text, largest, type, on: canvas)
  }

  /// Areas are proportional to the shares.
  private static func radius(_ share: Double, _ largest: Double) -> Double {
    max(0.8, largest * min(1, share).squareRoot())
  }

  private static func shade(_ place: Double) -> Color { .shade(0.12 + 0.88 * place) }

  private func drawGenes(
    under map: Rectangle, _ column: Double, _ type: TypeScale, on canvas: Canvas
  ) {
    let size = max(8, min(type.text, column / 1.05))
    let names = genes.map(\.name).shortenedApart(to: 6.8 * type.text) {
      canvas.width(of: $0, size: size)
    }
    for (place, name) in names.enumerated() {
      canvas.text(
        name, x: map.x + (Double(place) + 0.5) * column + 0.36 * size, y: map.bottom + 0.4 * size,
        size: size, alignment: 1, isUpright: true)
    }
  }

  /// Draws the meaning of sizes and colors.
  private func drawKey(
    x: Double, y: Double, _ largest: Double, _ type: TypeScale, on canvas: Canvas
  ) {
    let size = type.text
    let line = y + size
    var place = x
    for share in [0.2, 0.6, 1] {
      let radius = DotMap.radius(share, min(largest, 1.1 * size))
      canvas.dot(x: place + radius, y: line - 0.36 * size, radius: radius, .shade(0.6))
      place += 2 * radius + 0.3 * size
      let text = "\(Int(100 * share)) %"
      canvas.text(text, x: place, y: line, size: size)
      place += canvas.width(of: text, size: size) + 0.8 * size
    }
    let first = "of cells; mean: low"
    canvas.text(first, x: place, y: line, size: size)
    place += canvas.width(of: first, size: size) + 0.4 * size
    canvas.fill(
      Rectangle(x: place, y: line - 0.85 * size, width: 4 * size, height: size), by: DotMap.shade)
    canvas.text("high", x: place + 4.4 * size, y: line, size: size)
  }
}
