import CellData
import Markers
import Plots
import Reports
import StageSupport
import Tensors

/// The page that shows one clustering whole: figures, pictures, clusters, genes, and how it came
/// about.
struct RunPage {
  let sample: String
  let cells: CellData
  /// The name of the column of clusters.
  let column: String
  let selection: Selection
  let figures: Figures
  let gallery: Gallery
  let layouts: [CellLayout]
  let clusters: Categories
  let markers: MarkerTable?
  let types: TypeTable?
  let groups: GroupTable?
  /// The settings of this program.
  let settings: [(String, JSONValue)]
  let seed: UInt64

  func text() throws -> String {
    var sections = [ReportPage.Section("Figures", [figureTable])]
    sections.append(ReportPage.Section("Pictures", try pictures))
    sections.append(ReportPage.Section("Clusters", [clusterTable]))
    if let types { sections.append(ReportPage.Section("Types of the clusters", typeBlocks(types))) }
    if let markers { sections.append(ReportPage.Section("Marker genes", markerBlocks(markers))) }
    if let groups {
      sections.append(ReportPage.Section("Genes that differ between groups", groups.blocks))
    }
    sections.append(ReportPage.Section("How it was made", provenance))
    let count = figures.report.rows.first { $0.name == "clusters" }?.rounded ?? "0"
    return ReportPage(
      title: sample,
      subtitle:
        "\(cells.cellCount) cells, \(cells.geneCount) genes, \(count) \(count == "1" ? "cluster" : "clusters")",
      sections: sections
    ).text
  }

  private var figureTable: ReportPage.Block {
    let hasIntervals = figures.report.replicates != nil
    let rows = figures.report.rows.map { row in
      [row.name, row.rounded] + (hasIntervals ? [row.roundedInterval] : [])
        + [Measure.known[row.name]?.meaning ?? ""]
    }
    return .table(
      ReportTable(
        headings: ["figure", "value"] + (hasIntervals ? ["95 % interval"] : []) + ["meaning"],
        rows: rows, numbers: [1]))
  }

  private var pictures: [ReportPage.Block] {
    get throws {
      var blocks: [ReportPage.Block] = []
      for layout in layouts {
        let drawn = layout.sample(Gallery.limit, seed: seed)
        blocks.append(
          try picture(
            Sheet(gallery.layout(drawn), caption: layout.note), .png,
            "\(layout.method.title) of the cells, colored by cluster", layout.note))
      }
      if let confusion = gallery.confusion {
        blocks.append(
          try picture(
            Sheet([confusion], caption: ""), .svg, "Confusion of clusters and true labels",
            "Rows sum to 100 %. Columns are in the order of their matched types."
          ))
      }
      blocks.append(
        try picture(
          Sheet([gallery.sizes], caption: ""), .svg, "Sizes of the clusters",
          "Cells of each cluster."))
      if let curve = figures.confidencePanel {
        blocks.append(
          try picture(
            Sheet([curve], caption: ""), .svg, "Accuracy of the most confident cells",
            "The share of cells in the cluster of their true label, from the most confident 5 % of the cells to all. If the confidence is informative, the curve falls to the right."
          ))
      }
      if let losses = gallery.losses {
        blocks.append(
          try picture(
            Sheet([losses], caption: ""), .svg, "Losses by epoch", "Losses of every epoch."))
      }
      if let gradients = figures.diagnosis?.panel {
        blocks.append(
          try picture(
            Sheet([gradients], caption: ""), .svg, "Agreement of gradients by epoch",
            "Cosines of the gradients of the losses, at every run of the filter."))
      }
      if layouts.isEmpty {
        blocks.append(.paragraph("No layout: the data has neither an embedding nor a graph."))
      }
      return blocks
    }
  }

  private func picture(
    _ sheet: Sheet, _ format: PictureFormat, _ alternative: String, _ caption: String
  ) throws -> ReportPage.Block {
    .picture(
      ReportPicture(
        mediaType: format.mediaType, bytes: try sheet.picture(format), alternative: alternative,
        caption: caption))
  }

  private var clusterTable: ReportPage.Block {
    let confidence = selection.confidence
    let reliability = cells.reliability(ofClusters: column)?.classes
    let reliable = reliability?.names.firstIndex(of: "reliable").map { Int32($0) }
    var members = clusters.names.map { _ in [Int]() }
    for (cell, cluster) in clusters.codes.enumerated() where cluster >= 0 {
      members[Int(cluster)].append(cell)
    }
    let filled = members.indices.filter { !members[$0].isEmpty }
    var headings = ["cluster", "cells", "share"]
    if reliable != nil { headings.append("reliable") }
    if confidence != nil { headings.append("mean confidence") }
    // A sample of the cells may lack a cluster.
    let widths = figures.silhouette?.clusterMeans ?? []
    let hasWidths = widths.count == filled.count
    if hasWidths { headings.append("silhouette") }
    let labels = selection.labels
    let clustered = members.reduce(0) { $0 + $1.count }
    if labels != nil { headings += ["most frequent type", "its share"] }
    let rows = filled.enumerated().map { place, number -> [String] in
      let own = members[number]
      var row = [clusters.names[number], String(own.count), percent(own.count, of: clustered)]
      if let reliable, let codes = reliability?.codes {
        // The cells that the filter saw.
        let scored = own.count { codes[$0] >= 0 }
        row.append(percent(own.count { codes[$0] == reliable }, of: scored))
      }
      if let confidence {
        row.append((own.reduce(0) { $0 + confidence[$1] } / Double(own.count)).fourDecimals)
      }
      if hasWidths { row.append(widths[place].fourDecimals) }
      if let labels {
        let known = own.map { Int(labels.codes[$0]) }.filter { $0 >= 0 }
        let found = mostFrequent(known, in: labels)
        row += [found.name, known.isEmpty ? "" : percent(found.count, of: known.count)]
      }
      return row
    }
    let texts = Set([0, headings.firstIndex(of: "most frequent type") ?? 0])
    return .table(
      ReportTable(
        headings: headings, rows: rows, numbers: Set(headings.indices).subtracting(texts)))
  }

  private func mostFrequent(_ codes: [Int], in labels: Categories) -> (name: String, count: Int) {
    var counts = Array(repeating: 0, count: labels.names.count)
    for code in codes { counts[code] += 1 }
    guard let best = counts.indices.max(by: { (counts[$0], $1) < (counts[$1], $0) }),
      counts[best] > 0
    else { return ("none", 0) }
    return (labels.names[best], counts[best])
  }

  private func percent(_ count: Int, of total: Int) -> String {
    "\((1000 * Double(count) / Double(max(1, total))).rounded() / 10) %"
  }

  private func markerBlocks(_ markers: MarkerTable) -> [ReportPage.Block] {
    let note = ReportPage.Block.paragraph(
      "The ten genes of each cluster with the highest scores by Wilcoxon's rank-sum test against all other cells. P-values are adjusted by Benjamini and Hochberg. The clusters come from the same values, so the p-values rank genes but are not evidence."
    )
    let tables = zip(markers.clusters, markers.genes.ranking).map { cluster, ranking in
      let rows = ranking.prefix(10).map { entry in
        [
          markers.name(entry), entry.score.fourDecimals, entry.adjustedPValue.briefProbability,
          entry.logFoldChange.fourDecimals, entry.fractionIn.fourDecimals,
          entry.fractionOut.fourDecimals,
        ]
      }
      let names = ranking.prefix(5).map(markers.name).joined(separator: ", ")
      return ReportPage.Block.folded(
        title: "Cluster \(cluster): \(names)",
        [
          .table(
            ReportTable(
              headings: [
                "gene", "score", "adjusted p", "log2 fold change", "share in", "share out",
              ], rows: Array(rows), numbers: [1, 2, 3, 4, 5]))
        ])
    }
    return [note] + tables
  }

  private var provenance: [ReportPage.Block] {
    let own = Provenance(
      tool: "sc-eval", version: Stage.version,
      settings: Dictionary(settings.map { ($0.0, $0.1.text) }, uniquingKeysWith: { $1 }),
      seed: seed, inputCRC: "")
    let rows = (cells.history + [own]).map { entry in
      [
        entry.tool, entry.version, String(entry.seed), entry.inputCRC,
        entry.settings.pairs.joined(separator: ", "),
      ]
    }
    return [
      .table(
        ReportTable(
          headings: ["program", "version", "seed", "checksum of input", "settings"], rows: rows))
    ]
  }
}

extension Double {
  /// A p-value: two digits, and a power of ten if it is small.
  var briefProbability: String {
    let text = "\(self)"
    guard self > 0, self < 1e-3, let e = text.firstIndex(of: "e") else { return fourDecimals }
    return String(text[..<e].prefix(3) + text[e...])
  }
}
