// The cells are assessed by the sums of their rows over all genes, before any gene is dropped.
// Fixed limits come first. Then a cell's distance to the median of the remaining cells counts, in
// median absolute deviations, batch by batch (Heumos et al. 2023, "Single-cell best practices").

import Glibc
import Tensors

/// N cells, each with its sums over all genes and its fate.
package struct AssessedCells: Sendable {
  /// Over all genes of the input. (N)
  package let statistics: Buffer<CellStatistics>
  /// Whether any gene is known to be mitochondrial, and of a ribosomal protein.
  package let knowsMitochondrial, knowsRibosomal: Bool
  /// (N)
  package private(set) var fates: [CellFate]
  /// The limits from the deviations, one batch after another; empty without such a limit.
  package private(set) var limits: [DeviationLimits] = []

  /// Assesses the rows of `counts` (N, G).
  ///
  /// - Parameters:
  ///   - kinds: which genes are mitochondrial or ribosomal; nil to find them by their names.
  ///   - batches: one code a cell, for medians within each batch; cells of code −1 are a batch of
  ///     their own.
  /// - Throws: counts that are none, and settings that no data can satisfy.
  package init(
    _ counts: SparseMatrix<Float>, names: AxisNames = AxisNames(), kinds: GeneKinds? = nil,
    batches: [Int]? = nil, options: PreprocessingOptions = PreprocessingOptions()
  ) throws(PreprocessingFault) {
    try options.validate()
    if let batches, batches.count != counts.rows {
      throw PreprocessingFault(
        "\(batches.count) batch labels for \(counts.rows) cells; give one for each cell")
    }
    try validateCounts(counts, names: names, allowingNonInteger: options.allowsNonInteger)
    let kinds = kinds ?? GeneKinds(names, count: counts.columns)
    precondition(
      kinds.mitochondrial.count == counts.columns,
      "\(kinds.mitochondrial.count) marks for \(counts.columns) genes")
    knowsMitochondrial = kinds.mitochondrial.contains(true)
    knowsRibosomal = kinds.ribosomal.contains(true)
    if options.maxMitoFraction != nil, !knowsMitochondrial {
      throw PreprocessingFault(
        "--max-mito-fraction: no gene is known to be mitochondrial; name them MT-…, mark them in a column var/mt, or leave the option out"
      )
    }
    statistics = CellStatistics.of(
      counts, rows: Array(0..<counts.rows),
      counting: Array(repeating: true, count: counts.columns), kinds)
    fates = statistics.map { AssessedCells.fate($0, options) }
    if let deviations = options.deviations { dropOutliers(beyond: deviations, batches) }
  }

  /// By the fixed limits.
  private static func fate(_ cell: CellStatistics, _ options: PreprocessingOptions) -> CellFate {
    if cell.total == 0 { return .empty }
    if cell.genes < options.minGenes { return .fewGenes }
    if cell.total < options.minCounts { return .fewCounts }
    if let limit = options.maxMitoFraction, cell.mitochondrial > limit * cell.total {
      return .manyMitochondrialCounts
    }
    return .kept
  }

  /// The cells that are not dropped yet, rising.
  package var passingRows: [Int] { fates.indices.filter { fates[$0] == .kept } }

  /// Notes what becomes of some cells.
  package mutating func drop(_ cells: [Int], as fate: CellFate) {
    for i in cells { fates[i] = fate }
  }

  private mutating func dropOutliers(beyond deviations: Double, _ batches: [Int]?) {
    let groups = Dictionary(grouping: passingRows) { batches?[$0] ?? 0 }
    for code in groups.keys.sorted() {
      let cells = groups[code] ?? []
      let limit = DeviationLimits(
        of: cells.map { statistics[$0] }, deviations: deviations, batch: code,
        usingMitochondrial: knowsMitochondrial)
      for i in cells { fates[i] = limit.fate(of: statistics[i]) }
      limits.append(limit)
    }
  }
}

/// How far cells of a batch may be from its medians.
package struct DeviationLimits: Sendable {
  /// The code of the batch; 0 if there are no batches.
  package let batch: Int
  /// Limits of log(1 + counts), and of log(1 + genes); nil if the deviation is 0, since it then
  /// shows nothing.
  package let counts, genes: ClosedRange<Double>?
  /// The largest share of mitochondrial counts; nil if no gene is known, or the deviation is 0.
  package let mitochondrialShare: Double?

  /// median ± `deviations` · MAD, with MAD = median |x − median(x)|, not scaled. The mitochondrial
  /// share has only the upper limit.
  init(
    of cells: [CellStatistics], deviations: Double, batch: Int, usingMitochondrial: Bool
  ) {
    func range(_ values: [Double]) -> ClosedRange<Double>? {
      let center = median(values)
      let reach = deviations * median(values.map { abs($0 - center) })
      return reach > 0 ? center - reach...center + reach : nil
    }
    self.batch = batch
    counts = range(cells.map { log1p($0.total) })
    genes = range(cells.map { log1p(Double($0.genes)) })
    mitochondrialShare =
      usingMitochondrial ? range(cells.map(\.mitochondrialShare))?.upperBound : nil
  }

  fileprivate func fate(of cell: CellStatistics) -> CellFate {
    if let counts, !counts.contains(log1p(cell.total)) { return .outlyingCounts }
    if let genes, !genes.contains(log1p(Double(cell.genes))) { return .outlyingGenes }
    if let mitochondrialShare, cell.mitochondrialShare > mitochondrialShare {
      return .outlyingMitochondrialShare
    }
    return .kept
  }
}
