import CellData
import Plots
import StageSupport
import Tensors

extension Gallery {
  /// The columns of a heat map, cells of all clusters together.
  private static let drawnCells = 400
  /// The fewest cells drawn of a cluster, if it has that many.
  private static let fewestCells = 6
  /// The most cells of which a violin shows the spread.
  private static let violinCells = 2000
  /// The rows of a violin plot.
  private static let mostViolins = 20

  /// Cells of the clusters by the genes that rank highest in each; nil if there are none.
  func heatMap(_ markers: MarkerTable?) -> Panel? {
    guard let markers else { return nil }
    let shown = shownClusters(markers)
    let total = max(1, shown.places.reduce(0) { $0 + shown.sizes[$1] })
    let chosen = leadingGenes(markers, shown.places, most: 60, each: 4)
    let cells = rows(of: markers, shown.places) { size in
      max(Gallery.fewestCells, Gallery.drawnCells * size / total)
    }
    return .heat(
      HeatMap(
        title: "Marker genes by cell" + shown.remark,
        clusters: shown.places.map { markers.clusters[$0] }, colors: colors(markers, shown.places),
        genes: GeneRows(markers.expression, genes: chosen).genes(in: cells)))
  }

  /// How the genes that rank highest are spread in each cluster; nil if there are none.
  func violins(_ markers: MarkerTable?) -> Panel? {
    guard let markers else { return nil }
    let shown = shownClusters(markers)
    // One gene for each of the largest, if there are more clusters than rows.
    let leading = shown.places.sorted { (shown.sizes[$1], $0) < (shown.sizes[$0], $1) }
      .prefix(Gallery.mostViolins).sorted()
    let chosen = leadingGenes(markers, leading, most: Gallery.mostViolins, each: 2)
    let cells = rows(of: markers, shown.places) { _ in Gallery.violinCells }
    return .violins(
      ViolinChart(
        title: "Distribution of marker genes" + shown.remark,
        clusters: shown.places.map { markers.clusters[$0] }, colors: colors(markers, shown.places),
        genes: GeneRows(markers.expression, genes: chosen).genes(in: cells)))
  }

  private func colors(_ markers: MarkerTable, _ places: [Int]) -> [Int] {
    places.map { place in
      let cluster = markers.genes.clusters[place]
      return matchedColors?[cluster] ?? cluster
    }
  }

  /// For each cluster the cells that are drawn: evenly among all of it, in their order.
  private func rows(
    of markers: MarkerTable, _ places: [Int], count: (_ size: Int) -> Int
  ) -> [[Int]] {
    places.map { place in
      let cluster = markers.genes.clusters[place]
      let all = clusters.codes.indices.filter { Int(clusters.codes[$0]) == cluster }
      let wanted = min(all.count, count(all.count))
      return (0..<wanted).map { all[$0 * all.count / wanted] }
    }
  }
}

/// The values of some genes.
private struct GeneRows {
  private let expression: Expression
  private let genes: [Int]
  /// The number of each gene of the data among them; −1 for none.
  private let number: [Int]

  init(_ expression: Expression, genes: [Int]) {
    (self.expression, self.genes) = (expression, genes)
    var number = [Int](repeating: -1, count: expression.values.columns)
    for (place, gene) in genes.enumerated() { number[gene] = place }
    self.number = number
  }

  /// In these cells, cluster by cluster.
  func genes(in cells: [[Int]]) -> [GeneCells] {
    var values = genes.map { _ in cells.map { [Double](repeating: 0, count: $0.count) } }
    let matrix = expression.values
    for (cluster, rows) in cells.enumerated() {
      for (place, row) in rows.enumerated() {
        for k in matrix.range(ofRow: row) {
          let gene = number[Int(matrix.indices[k])]
          if gene >= 0 { values[gene][cluster][place] = Double(matrix.values[k]) }
        }
      }
    }
    return zip(genes, values).map { gene, values in
      GeneCells(name: expression.genes.index[gene], values: values)
    }
  }
}
