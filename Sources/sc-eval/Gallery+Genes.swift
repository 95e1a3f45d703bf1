import CellData
import Plots
import StageSupport
import Tensors

extension Gallery {
  /// The columns of a dotplot, together.
  private static let mostGenes = 60

  /// The genes that rank highest in each cluster, in all of them; nil if there are none.
  func dots(_ markers: MarkerTable?) -> Panel? {
    guard let markers else { return nil }
    let expression = markers.expression
    let (shown, remark, _) = shownClusters(markers)
    let genes = leadingGenes(markers, shown, most: Gallery.mostGenes, each: 4)
    let group = Dictionary(
      uniqueKeysWithValues: shown.enumerated().map { (markers.genes.clusters[$1], $0) })
    let table = GeneTable(
      expression.values, genes: genes, groups: clusters.codes.map { group[Int($0)] ?? -1 })
    return .dots(
      DotMap(
        title: "Marker genes by cluster" + remark,
        clusters: shown.map { markers.clusters[$0] },
        genes: genes.enumerated().map { place, gene in
          DotMap.Gene(
            name: expression.genes.index[gene], shares: table.shares(place),
            means: table.means(place))
        }))
  }

  /// The largest clusters, as many as have room for their names, as positions among the ranked
  /// ones. Also the title's remark on the others, and the number of cells of all.
  func shownClusters(_ markers: MarkerTable) -> (places: [Int], remark: String, sizes: [Int]) {
    let sizes = markers.genes.clusters.map { cluster in
      clusters.codes.count { Int($0) == cluster }
    }
    let shown = sizes.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
      .prefix(ConfusionMap.limit).sorted()
    let left = sizes.count - shown.count
    return (shown, left > 0 ? " (without the \(left) smallest)" : "", sizes)
  }

  /// The genes that rank highest in these clusters, none twice: `each` for a cluster, or fewer, so
  /// that `most` have room.
  func leadingGenes(_ markers: MarkerTable, _ places: [Int], most: Int, each: Int) -> [Int] {
    let each = max(1, min(each, most / max(1, places.count)))
    var seen: Set<Int> = []
    return places.flatMap { place in
      markers.genes.ranking[place].lazy.filter { $0.score > 0 && !seen.contains($0.gene) }
        .prefix(each).map { entry in
          seen.insert(entry.gene)
          return entry.gene
        }
    }
  }

  /// The clusters of every sample; nil without a column of samples.
  func composition(by column: String?) throws -> Panel? {
    guard let column else { return nil }
    let samples = try cells.obs.classes(column, option: "--batch-key")
    return .composition(
      CompositionChart(
        title: "Clusters of every \(column)",
        bars: zip(samples.names, cellsByClass(samples)).map {
          CompositionChart.Bar(name: $0, counts: $1)
        },
        clusters: clusters.names, colors: matchedColors))
  }
}

/// Sums of some genes by groups of cells.
private struct GeneTable {
  private var sums: Matrix<Double>
  private var expressing: Matrix<Double>
  private var sizes: [Double]

  init(_ x: SparseMatrix<Float>, genes: [Int], groups: [Int]) {
    let count = (groups.max() ?? -1) + 1
    (sums, expressing) = (.zeros(genes.count, count), .zeros(genes.count, count))
    sizes = [Double](repeating: 0, count: count)
    var place = [Int](repeating: -1, count: x.columns)
    for (number, gene) in genes.enumerated() { place[gene] = number }
    for (i, group) in groups.enumerated() where group >= 0 {
      sizes[group] += 1
      for k in x.range(ofRow: i) {
        let number = place[Int(x.indices[k])]
        if number < 0 || x.values[k] == 0 { continue }
        sums[number, group] += Double(x.values[k])
        expressing[number, group] += 1
      }
    }
  }

  func means(_ gene: Int) -> [Double] { sizes.indices.map { sums[gene, $0] / max(1, sizes[$0]) } }

  func shares(_ gene: Int) -> [Double] {
    sizes.indices.map { expressing[gene, $0] / max(1, sizes[$0]) }
  }
}
