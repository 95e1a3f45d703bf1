import Glibc
import Tensors

/// Filters cells and genes, computes size factors, and keeps the most variable genes.
///
/// In this order:
///
/// - Counts are checked. Cells without counts or past a limit are dropped.
/// - `subsample` cells are drawn.
/// - Genes in fewer than `minCellsFraction` of the cells are dropped, then the cells that this
///   leaves without counts.
/// - Size factors are s_i = n_i / median(n) over the remaining genes. A target sum replaces the
///   median if there is one.
/// - The most variable genes are chosen; log1p(x_ij / s_i) and its moments are computed.
///
/// - Parameters:
///   - counts: (N, G) raw counts.
///   - batches: one code a cell of the input; genes are then ranked within each batch and the ranks
///     combined. Cells of code −1 are not used for the ranking.
///   - kinds: which genes are mitochondrial or ribosomal; nil to find them by their names.
///   - assessed: the same cells assessed before, if other criteria than the options have dropped
///     some of them.
/// - Throws: counts that are none, settings that no data can satisfy, or nothing left.
package func preprocess(
  counts: SparseMatrix<Float>, names: AxisNames = AxisNames(), batches: [Int]? = nil,
  kinds: GeneKinds? = nil, assessed: AssessedCells? = nil,
  options: PreprocessingOptions = PreprocessingOptions()
) throws(PreprocessingFault) -> Preprocessed {
  let kinds = kinds ?? GeneKinds(names, count: counts.columns)
  let cells: AssessedCells
  if let assessed {
    cells = assessed
  } else {
    cells = try AssessedCells(
      counts, names: names, kinds: kinds, batches: batches, options: options)
  }
  let filtered = try Filtered(counts, cells, kinds, options)
  let genes = filtered.genes
  let variable = rankGenes(counts, filtered, batches, options.flavor, count: options.genes)
  let kept = variable.top(options.genes).map { genes[$0] }
  var summary = filtered.summary
  summary.keptGenes = kept.count
  summary.lessVariableGenes = genes.count - kept.count

  let all = kept.count < genes.count ? options.allGenes : nil
  let keptCounts = counts.selecting(rows: filtered.cells, columns: kept)
  let factors = filtered.sizeFactors
  let logNormalized = keptCounts.logNormalized(filtered.scales)
  return Preprocessed(
    keptCells: filtered.cells, keptGenes: kept, counts: keptCounts, logNormalized: logNormalized,
    allGenes: all.map { form in
      let values = counts.selecting(rows: filtered.cells, columns: genes)
      return form == .counts ? values : values.logNormalized(filtered.scales)
    },
    sizeFactors: Buffer(factors.map { Float($0) }),
    totals: Buffer(filtered.statistics.map { Float($0.total) }),
    geneCounts: filtered.statistics.map(\.genes),
    scaling: options.isScaled ? scaling(of: logNormalized) : nil, variableGenes: variable,
    filteredGenes: genes, assessed: filtered.assessed, summary: summary)
}

extension SparseMatrix where Element == Float {
  /// log1p(x_ij / s_i) of every entry, for the scales s of the rows. (rows, columns)
  package func logNormalized(_ scales: [Double]) -> SparseMatrix<Float> {
    mapEntries { row, x in Float(log1p(Double(x) / scales[row])) }
  }
}

/// Mean and standard deviation (ddof 1) of every column; deviation 1 for a constant column. (G
/// each)
package func scaling(
  of values: SparseMatrix<Float>
) -> (mean: Buffer<Float>, standardDeviation: Buffer<Float>) {
  let moments = GeneMoments(of: values, rows: Array(0..<values.rows)) { _, _, x in Double(x) }
  let genes = 0..<values.columns
  let deviations = genes.map { j in
    let deviation = Float(moments.variance(j).squareRoot())
    return deviation > 0 ? deviation : 1
  }
  return (Buffer(genes.map { Float(moments.mean($0)) }), Buffer(deviations))
}

/// Cells and genes that pass the filters.
struct Filtered: Sendable {
  /// Rows and columns of the input, rising.
  var cells: [Int]
  let genes: [Int]
  /// Statistics of each cell kept, over the genes kept.
  var statistics: [CellStatistics]
  let sizeFactors: [Double]
  /// What counts are divided by: the size factors, or the sums over the target.
  let scales: [Double]
  let summary: PreprocessingSummary

  /// All cells of the input, with what became of them.
  let assessed: AssessedCells

  init(
    _ counts: SparseMatrix<Float>, _ cells: AssessedCells, _ kinds: GeneKinds,
    _ options: PreprocessingOptions
  ) throws(PreprocessingFault) {
    var assessed = cells
    let passing = assessed.passingRows
    let chosen = drawn(passing, options.subsample, seed: options.seed)
    let isChosen = Set(chosen)
    assessed.drop(passing.filter { !isChosen.contains($0) }, as: .notDrawn)
    var summary = PreprocessingSummary()
    summary.inputGenes = counts.columns
    summary.fates = assessed.fates
    try Self.refuseNothing(chosen.count, "cells", summary)

    let detected = GeneMoments(of: counts, rows: chosen) { _, _, x in Double(x) }.detected
    let fewest = options.minCellsFraction * Double(chosen.count)
    let isKept = detected.map { $0 > 0 && Double($0) >= fewest }
    genes = isKept.indices.filter { isKept[$0] }
    summary.absentGenes = detected.count { $0 == 0 }
    summary.rareGenes = counts.columns - genes.count - summary.absentGenes
    try Self.refuseNothing(genes.count, "genes", summary)

    let left = CellStatistics.of(counts, rows: chosen, counting: isKept, kinds)
    let nonEmpty = left.indices.filter { left[$0].total > 0 }
    self.cells = nonEmpty.map { chosen[$0] }
    statistics = nonEmpty.map { left[$0] }
    assessed.drop(left.indices.filter { left[$0].total == 0 }.map { chosen[$0] }, as: .empty)
    summary.fates = assessed.fates
    try Self.refuseNothing(nonEmpty.count, "cells", summary)
    self.assessed = assessed
    let middle = median(statistics.map(\.total))
    let totals = statistics.map(\.total)
    let factors = totals.map { $0 / middle }
    sizeFactors = factors
    scales = options.targetSum.map { target in totals.map { $0 / target } } ?? factors
    self.summary = summary
  }

  private static func refuseNothing(
    _ count: Int, _ what: String, _ summary: PreprocessingSummary
  ) throws(PreprocessingFault) {
    if count > 0 { return }
    throw PreprocessingFault(
      "no \(what) are left: \(summary.text); lower the limits, or check whether the input holds counts"
    )
  }
}
