// What the filters measured and dropped: the counts and genes of the cells, the share of some
// genes, and the cells dropped for each.

import Glibc
import Plots
import Preprocessing
import Reports
import StageSupport
import Tensors

/// The cells before and after the filters, drawn.
struct QualityFigure {
  private let cells: AssessedCells
  /// The text of the run's summary.
  private let summary: String
  private let samples: [SampleDoublets]
  private let options: PreprocessingOptions
  /// The cells that have counts.
  private let assessed: [Int]
  /// The cells that are drawn as points: all, or a sample.
  private let drawn: [Int]
  private let names: [String]

  /// How many cells are drawn as points at most.
  private static let limit = 20_000

  init(
    _ result: Preprocessed, _ samples: [SampleDoublets], _ options: PreprocessingOptions
  ) {
    self.samples = samples
    cells = result.assessed
    summary = result.summary.text
    self.options = options
    let fates = cells.fates
    assessed = fates.indices.filter { result.assessed.statistics[$0].total > 0 }
    let last =
      fates.contains(.notDrawn)
      ? 3 : fates.contains(.doublet) ? 2 : fates.allSatisfy { $0 == .kept || $0 == .empty } ? 0 : 1
    names = Array(["kept", "dropped", "predicted doublets", "not drawn (--subsample)"][...last])
    var generator = RandomGenerator(seed: options.seed.stream(.dots))
    drawn =
      assessed.count <= Self.limit
      ? assessed
      : generator.permutation(assessed.count).prefix(Self.limit).map { [assessed] in assessed[$0] }
  }

  private func kind(_ cell: Int) -> Int {
    switch cells.fates[cell] {
    case .kept: 0
    case .doublet: 2
    case .notDrawn: 3
    default: 1
    }
  }

  /// The values of all assessed cells, those kept below.
  private func histogram(
    _ title: String, _ axis: String, marks: [Double?], _ value: (CellStatistics) -> Double
  ) -> Panel {
    .histogram(
      Histogram(
        title: title, axis: axis, values: assessed.map { value(cells.statistics[$0]) },
        kinds: assessed.map(kind), names: names, marks: marks.compactMap(\.self)))
  }

  private var panels: [Panel] {
    // The limits of several batches would be a thicket.
    let limit = cells.limits.count == 1 ? cells.limits[0] : nil
    let (counts, genes) = (limit?.counts, limit?.genes)
    var panels = [
      histogram(
        "Counts", "counts of a cell",
        marks: [options.minCounts > 0 ? options.minCounts : nil]
          + [counts?.lowerBound, counts?.upperBound].map { $0.map { expm1($0) } }
      ) { $0.total },
      histogram(
        "Genes", "genes of a cell",
        marks: [options.minGenes > 0 ? Double(options.minGenes) : nil]
          + [genes?.lowerBound, genes?.upperBound].map { $0.map { expm1($0) } }
      ) { Double($0.genes) },
    ]
    if cells.knowsMitochondrial {
      let marks = [options.maxMitoFraction, limit?.mitochondrialShare].map { $0.map { 100 * $0 } }
      panels.append(
        histogram("Mitochondrial genes", "% of the counts", marks: marks) {
          100 * $0.mitochondrialShare
        })
    }
    if cells.knowsRibosomal {
      panels.append(
        histogram("Ribosomal proteins", "% of the counts", marks: []) { 100 * $0.ribosomalShare })
    }
    panels.append(
      .points(
        PointChart(
          title: "Counts and genes",
          x: .init(name: "counts of a cell", values: drawn.map { cells.statistics[$0].total }),
          y: .init(
            name: "genes of a cell", values: drawn.map { Double(cells.statistics[$0].genes) }),
          kinds: drawn.map(kind), names: names)))
    return panels + doublets
  }

  /// The scores of the cells and of the simulated doublets, with the thresholds of a few samples.
  private var doublets: [Panel] {
    if samples.isEmpty { return [] }
    let marks = samples.count > 5 ? [] : samples.compactMap(\.found.threshold)
    func panel(_ title: String, _ scores: [Double], _ kinds: [Int], _ names: [String]) -> Panel {
      .histogram(
        Histogram(
          title: title, axis: "doublet score", values: scores, kinds: kinds, names: names,
          marks: marks, isLinear: true))
    }
    let calls = samples.flatMap(\.found.calls)
    let simulated = samples.flatMap(\.found.simulated)
    return [
      panel(
        "Doublet scores", samples.flatMap(\.found.scores), calls.map { $0 ? 1 : 0 },
        ["cells", "predicted doublets"]),
      panel(
        "Simulated doublets", simulated, simulated.map { _ in 0 }, ["simulated doublets"]),
    ]
  }

  /// A sheet with all panels.
  func picture(_ format: PictureFormat) throws -> [UInt8] {
    try Sheet(panels, caption: summary).picture(format)
  }

  /// A page with the picture and its numbers.
  func page(sample: String) throws -> String {
    let picture = ReportPage.Block.picture(
      ReportPicture(
        mediaType: PictureFormat.png.mediaType, bytes: try self.picture(.png),
        alternative: "Counts, genes and shares of the cells, before and after the filters",
        caption:
          "All cells with counts; what was dropped is stacked on what was kept. Lines are the limits."
      ))
    return ReportPage(
      title: sample, subtitle: summary,
      sections: [
        .init("Before and after the filters", [.table(medians), .table(reasons)]),
        .init("Pictures", [picture]),
      ]
    ).text
  }

  /// Medians over all cells with counts, and over those kept.
  private var medians: ReportTable {
    let kept = assessed.filter { cells.fates[$0] == .kept }
    func row(_ name: String, _ value: (CellStatistics) -> Double) -> [String] {
      [name]
        + [assessed, kept].map { part in
          let values = part.map { value(cells.statistics[$0]) }
          return values.isEmpty ? "–" : "\((median(values) * 100).rounded() / 100)"
        }
    }
    var rows = [["cells", "\(assessed.count)", "\(kept.count)"]]
    rows.append(row("counts of a cell (median)") { $0.total })
    rows.append(row("genes of a cell (median)") { Double($0.genes) })
    if cells.knowsMitochondrial {
      rows.append(row("% on mitochondrial genes (median)") { 100 * $0.mitochondrialShare })
    }
    if cells.knowsRibosomal {
      rows.append(row("% on ribosomal proteins (median)") { 100 * $0.ribosomalShare })
    }
    return ReportTable(headings: ["", "before", "after"], rows: rows, numbers: [1, 2])
  }

  /// How many cells met which fate.
  private var reasons: ReportTable {
    let rows = CellFate.allCases.map { fate in
      [fate.reason, "\(cells.fates.count { $0 == fate })"]
    }
    return ReportTable(
      headings: ["cells", "number"], rows: rows.filter { $0[1] != "0" }, numbers: [1])
  }
}
