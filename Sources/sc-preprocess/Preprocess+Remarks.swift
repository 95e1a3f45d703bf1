import CellData
import Preprocessing
import StageSupport
import Tensors

extension Preprocess {
  /// Reports which options changed nothing for these data.
  func remark(
    on result: Preprocessed, of cells: Int, hasRaw: Bool, modalities: Int, _ stage: Stage
  ) {
    let allKept = result.summary.lessVariableGenes == 0
    let ranked = ["hvg-flavor"] + (quality.mad == nil && !quality.doublets ? ["batch-key"] : [])
    let forms = hasRaw ? [] : ["only-variable", "raw"]
    for option in ranked + forms where allKept && stage.options.has(option) {
      stage.log.note(
        "--\(option) changes nothing: all \(result.summary.keptGenes) genes are kept (--genes)")
    }
    if filters.minCellsFraction > 0 && stage.options.has("min-cells-fraction")
      && result.summary.rareGenes == 0
    {
      stage.log.note("--min-cells-fraction drops no gene: all are present in enough cells")
    }
    if let limit = filters.maxMitoFraction, result.summary.count(.manyMitochondrialCounts) == 0 {
      stage.log.note("--max-mito-fraction \(limit) drops no cell: none has a larger share")
    }
    if let count = filters.subsample, count >= cells {
      stage.log.note("--subsample \(count) changes nothing: there are \(cells) cells")
    }
    // MuData may have had some that lack cells and were left out.
    if pairing.secondModality == PairingOptions.none && modalities == 0
      && !stage.inputFormats.contains("MuData")
    {
      stage.log.note("--second-modality none changes nothing: there is no second modality")
    }
    if source.allowNoninteger && result.counts.values.allSatisfy({ $0 == $0.rounded() }) {
      stage.log.note("--allow-noninteger changes nothing: all counts are whole numbers")
    }
  }

  /// Warns that whole numbers are no counts if all cells have nearly the same round sum, as counts
  /// per million have.
  func remark(onSumsOf cells: AssessedCells, _ log: Log) {
    let sums = cells.statistics.map(\.total).filter { $0 > 0 }
    guard sums.count >= 10 else { return }
    let target = [1e4, 1e5, 1e6].first { target in
      let near = sums.count { abs($0 - target) <= 1e-3 * target }
      return 100 * near >= 99 * sums.count
    }
    if let target {
      log.warning(
        "the counts of all cells add up to about \(Int(target)): they seem to be normalized values that were rounded; give the raw counts"
      )
    }
  }

  /// Reports what the deviations from the medians could not show.
  func remark(onDeviationsOf cells: AssessedCells, _ log: Log) {
    guard let mad = quality.mad else { return }
    let limits = cells.limits
    let without = [
      (limits.allSatisfy { $0.counts == nil }, "counts"),
      (limits.allSatisfy { $0.genes == nil }, "genes"),
      (
        cells.knowsMitochondrial && limits.allSatisfy { $0.mitochondrialShare == nil },
        "the mitochondrial share"
      ),
    ].filter(\.0).map(\.1)
    if !without.isEmpty {
      log.note(
        "--mad drops no cell by \(without.joined(separator: " or ")): most cells have the same value"
      )
    }
    if !cells.knowsMitochondrial {
      log.note("--mad: no gene is known to be mitochondrial; only counts and genes are assessed")
    }
    let outliers: [CellFate] = [.outlyingCounts, .outlyingGenes, .outlyingMitochondrialShare]
    if !cells.fates.contains(where: outliers.contains) {
      log.note("--mad \(mad) drops no cell: all are near the medians")
    }
  }

  /// Reports which batches had too few cells to rank genes.
  func remark(
    onSmallBatches batches: [Int], of key: String, _ result: Preprocessed, in cells: CellData,
    _ log: Log
  ) throws {
    let small = result.batchesTooSmallToRank(batches)
    guard result.summary.lessVariableGenes > 0, !small.isEmpty else { return }
    let all = Set(result.keptCells.map { batches[$0] }.filter { $0 >= 0 })
    if small.count == all.count {
      log.note(
        "genes are ranked over all cells together: no batch of obs/\(key) has \(fewestRankingCells) cells"
      )
      return
    }
    let names = try cells.obs.classes(key, option: "--batch-key").names
    log.note(
      "genes are not ranked within the batches of obs/\(key) with fewer than \(fewestRankingCells) cells: \(listed(small.map { names[$0] }))"
    )
  }
}
