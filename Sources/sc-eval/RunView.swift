import CellData
import StageSupport
import Tensors

/// What pictures show of one of several runs: it stays when the run's data have been let go.
struct RunView {
  /// What the pictures show.
  struct Choice {
    let layout: LayoutOptions
    let isLaidOut: Bool
    /// Whether the clusters of the runs are drawn next to each other.
    let showsClusters: Bool
    private let isDrawn: Bool
    private let runs: Int

    /// As many runs have layouts in one picture of pixels.
    static let mostRaster = 60

    init(_ command: Evaluate) {
      layout = command.layout
      isDrawn = command.pictures.plot != nil
      runs = command.compare.count
      isLaidOut = isDrawn && command.pictures.wants(.layout, ofSeveral: true)
      showsClusters = isDrawn && command.pictures.wants(.alluvial, ofSeveral: true)
    }

    /// What must be computed for a run.
    func extent(of cells: CellData, embedding: String?) -> EvaluationExtent {
      var extent = EvaluationExtent(embedding: embedding ?? cells.defaultEmbedding)
      if isLaidOut {
        extent.laidOut = min(cells.cellCount, Gallery.limit)
        extent.neighbors = layout.neighborCount
      }
      if isDrawn {
        let fields = (isLaidOut ? runs : 0) + (showsClusters ? runs : 0)
        extent.raster = max(40, 6 * min(fields, 2 * Self.mostRaster)) << 20
      }
      return extent
    }
  }

  /// The embedding in which distances are measured; nil without one.
  let embedding: String?
  let curves: [RunCurve]
  /// Empty unless layouts are drawn.
  let layouts: [CellLayout]
  /// The true label, or the cluster, of every cell that is laid out; nil if it has none.
  let classes: [String?]
  /// All of them, in their order.
  let classNames: [String]
  /// The names of all cells, and their clusters; nil unless these are drawn.
  let clusters: (cells: [String], classes: Categories)?

  init(
    _ choice: Choice, of cells: CellData, _ selection: Selection, _ figures: Figures,
    evaluation: EvaluationOptions, in stage: Stage
  ) throws {
    embedding = evaluation.use ?? cells.defaultEmbedding
    curves = RunCurve.all(of: cells, figures)
    clusters =
      choice.showsClusters
      ? (
        cells.obs.index,
        try cells.obs.classes(evaluation.column(in: cells), option: "--clusters-column")
      ) : nil
    guard choice.isLaidOut else {
      (layouts, classes, classNames) = ([], [], [])
      return
    }
    let rows = Gallery.rows(of: cells, seed: stage.seed)
    layouts = try choice.layout.compute(cells, rows: rows, embedding: evaluation.use, in: stage)
    let found =
      try selection.labels
      ?? cells.obs.classes(evaluation.column(in: cells), option: "--clusters-column")
    classNames = found.names
    classes = rows.map { found.codes[$0] < 0 ? nil : found.names[Int(found.codes[$0])] }
  }
}
