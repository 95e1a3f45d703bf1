import CellData
import Plots
import StageSupport
import Tensors

/// The pictures that can be drawn of one clustering.
struct Gallery {
  let cells: CellData
  /// The name of the column of clusters.
  private let column: String
  let clusters: Categories
  /// The true labels, with the name of their column.
  let labels: (column: String, classes: Categories)?
  /// The true labels and the clusters.
  private let crossed: CrossedClasses?
  private let seed: UInt64

  /// How many cells are drawn at most.
  static let limit = 20_000

  /// The cells that are drawn: all, or a sample of that many.
  static func rows(of cells: CellData, seed: UInt64) -> [Int] {
    CellLayout.drawn(of: cells.cellCount, limit, seed: seed)
  }

  init(
    _ cells: CellData, clusters column: String, labels: (column: String, classes: Categories)?,
    seed: UInt64
  ) throws {
    self.cells = cells
    self.column = column
    self.seed = seed
    let clusters = try cells.obs.classes(column, option: "--clusters-column")
    self.clusters = clusters
    self.labels = labels
    crossed = try labels.map { try CrossedClasses($0.classes, clusters) }
  }

  /// The clusters, and next to them the true labels. Matched clusters and types have the same color
  /// as far as possible.
  func layout(_ layout: CellLayout) -> [Panel] {
    let title = layout.method.title
    let axes = ("\(title) 1", "\(title) 2")
    var panels: [Panel] = [
      .scatter(
        ScatterPlot(
          "Clusters", points: layout.points, classes: layout.rows.map { Int(clusters.codes[$0]) },
          names: clusters.names, colors: matchedColors, isLabeled: true, axes: axes, seed: seed))
    ]
    if let labels {
      panels.append(
        .scatter(
          ScatterPlot(
            "True labels: \(labels.column)", points: layout.points,
            classes: layout.rows.map { Int(labels.classes.codes[$0]) }, names: labels.classes.names,
            axes: axes, seed: seed)))
    }
    return panels
  }

  /// For every cluster the number of the color: that of the class it is matched with, else one that
  /// no class has.
  var matchedColors: [Int]? { crossed?.colors }

  /// The cells of every class in every cluster.
  func cellsByClass(_ classes: Categories) -> [[Int]] { classes.shared(with: clusters) }

  /// How the types are divided among the clusters; nil without true labels.
  var confusion: Panel? {
    guard let labels, let matching = crossed?.matching else { return nil }
    let counts = cellsByClass(labels.classes)
    let order = clusters.names.indices.sorted {
      (matching[$0] ?? .max, $0) < (matching[$1] ?? .max, $1)
    }
    return .confusion(
      ConfusionMap(
        title: "Clusters of each true label, in %", classes: labels.classes.names,
        clusters: order.map { clusters.names[$0] },
        counts: counts.map { row in order.map { row[$0] } }))
  }

  /// The cells of every cluster, by reliability if the method gave it.
  var sizes: Panel {
    let reliability = cells.reliability(ofClusters: column)?.classes
    // Reliable cells come first, for any order of the names.
    let order = (reliability?.names ?? []).indices.sorted {
      (reliability?.names[$0] == "reliable" ? 0 : 1, $0)
        < (reliability?.names[$1] == "reliable" ? 0 : 1, $1)
    }
    // Cells outside of a sketch were not scored.
    let hasOthers = reliability?.codes.contains { $0 < 0 } ?? false
    let kinds = order.compactMap { reliability?.names[$0] } + (hasOthers ? ["not scored"] : [])
    var counts = clusters.names.map { _ in Array(repeating: 0, count: max(1, kinds.count)) }
    for (cell, cluster) in clusters.codes.enumerated() where cluster >= 0 {
      let kind = reliability.map { order.firstIndex(of: Int($0.codes[cell])) ?? kinds.count - 1 }
      counts[Int(cluster)][kind ?? 0] += 1
    }
    return .sizes(
      SizeChart(
        title: kinds.isEmpty ? "Cells of the clusters" : "Cells of the clusters, by reliability",
        bars: zip(clusters.names, counts).map { SizeChart.Bar(name: $0, counts: $1) },
        kinds: kinds.isEmpty ? ["cells"] : kinds, lastIsApart: hasOthers))
  }

  /// The losses of the training phases; nil if the data have none.
  var losses: Panel? {
    let histories = LossHistory.all(in: cells)
    guard !histories.isEmpty else { return nil }
    return .losses(
      LossChart(
        title: "Losses", phases: histories.map { .init(title: $0.phase, terms: $0.terms) }))
  }

  /// The result of sc-cluster --grid: the score of every pair, and the share of reliable cells;
  /// empty without a grid.
  var grid: [Panel] {
    guard let table = StoredGrid(cells) else { return [] }
    return [("score", "Score, without labels"), ("reliable", "Share of reliable cells")].compactMap
    {
      table.surface($0.0, title: $0.1)
    }
  }
}
