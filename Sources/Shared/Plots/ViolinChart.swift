import Colors
import Glibc

/// Genes in clusters: a violin shows the distribution of a gene's values over a cluster's cells. It
/// extends from 0 to the highest value of the gene. All violins have the same width.
package struct ViolinChart: Sendable {
  private let title: String
  private let clusters: [String]
  private let colors: [Int]
  private let genes: [GeneCells]

  /// A row for each gene, a column for each cluster, in their orders. Without `colors` every
  /// cluster has its own color.
  package init(title: String, clusters: [String], colors: [Int]? = nil, genes: [GeneCells]) {
    precondition(genes.allSatisfy { $0.values.count == clusters.count }, "values of every cluster")
    (self.title, self.clusters, self.genes) = (title, clusters, genes)
    self.colors = colors ?? Array(clusters.indices)
    precondition(self.colors.count == clusters.count, "a color a cluster")
  }

  func draw(in frame: Rectangle, _ type: TypeScale, on canvas: Canvas) {
    let area = type.drawTitle(title, in: frame, on: canvas)
    guard !clusters.isEmpty, !genes.isEmpty else { return }
    let row = min(8 * type.text, (area.height - 9.8 * type.text) / Double(genes.count))
    let rowText = max(8, min(type.text, row / 1.6))
    let names = genes.map(\.name).shortenedApart(to: 0.2 * area.width) {
      canvas.width(of: $0, size: rowText)
    }
    let left = (names.map { canvas.width(of: $0, size: rowText) }.max() ?? 0) + 0.8 * rowText
    let column = min(13 * type.text, (area.width - left) / Double(clusters.count))
    let (x, width) = (area.x + left, column * Double(clusters.count))
    for (number, gene) in genes.enumerated() {
      let base = area.y + (Double(number) + 1) * row
      canvas.line([(x, base), (x + width, base)], width: 0.8, .faint)
      canvas.text(
        names[number], x: x - 0.4 * rowText, y: base - 0.5 * row + 0.36 * rowText, size: rowText,
        alignment: 1)
      let highest = gene.highest
      for (cluster, values) in gene.values.enumerated() where !values.isEmpty {
        let middle = x + (Double(cluster) + 0.5) * column
        let outline = Violin(values, highest: highest)
        canvas.fill(
          outline.points(middle: middle, width: 0.46 * column, base: base, height: 0.86 * row),
          Palette.color(colors[cluster]))
      }
    }
    let bottom = area.y + row * Double(genes.count)
    clusters.drawUpright(
      at: clusters.indices.map { x + (Double($0) + 0.5) * column }, y: bottom, space: column, type,
      on: canvas)
    canvas.text(
      "from 0 to the highest value of the gene; all violins have the same width", x: area.x,
      y: bottom + 8.4 * type.text, size: type.text)
  }
}

/// The outline of one violin.
///
/// Density by a Gaussian kernel with Scott's bandwidth σ n^(−1/5) (Scott 1992), as in scanpy and
/// seaborn, between the least and the highest value. Its maximum is 1.
struct Violin {
  /// Values relative to the gene's highest, rising, and the density there.
  let places: [(value: Double, density: Double)]

  private static let steps = 40

  init(_ values: [Double], highest: Double) {
    let scaled = values.map { min(1, max(0, $0 / highest)) }
    let (low, high) = (scaled.min() ?? 0, scaled.max() ?? 0)
    let count = Double(scaled.count)
    let mean = scaled.reduce(0, +) / count
    let variance = scaled.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(1, count - 1)
    let bandwidth = variance.squareRoot() * pow(count, -0.2)
    guard high > low, bandwidth > 0 else {
      // If all cells have one value, the violin is a bar as high as a line.
      places = [(max(0, low - 0.01), 1), (min(1, low + 0.01), 1)]
      return
    }
    let densities = (0...Violin.steps).map { step in
      let value = low + (high - low) * Double(step) / Double(Violin.steps)
      let density = scaled.reduce(0) { sum, x in
        let z = (x - value) / bandwidth
        return sum + exp(-z * z / 2)
      }
      return (value: value, density: density)
    }
    let most = densities.map(\.density).max() ?? 1
    places = densities.map { ($0.value, $0.density / most) }
  }

  /// The corners, up on the right and down on the left.
  func points(
    middle: Double, width: Double, base: Double, height: Double
  ) -> [(x: Double, y: Double)] {
    let right = places.map { (x: middle + width * $0.density, y: base - height * $0.value) }
    let left = places.reversed().map {
      (x: middle - width * $0.density, y: base - height * $0.value)
    }
    return right + left
  }
}
