import Tensors

/// What one cell's row adds up to.
struct CellStatistics: BitwiseCopyable, Sendable {
  var total = 0.0
  var mitochondrial = 0.0
  var genes = 0

  /// The statistics of every row over the genes that `isCounted` marks. (N)
  static func of(
    _ counts: SparseMatrix<Float>, rows: [Int], counting isCounted: [Bool], mitochondrial: [Bool]
  ) -> Buffer<CellStatistics> {
    parallelMap(rows.count) { i in
      let (starts, gene, value) = (counts.indptr.span, counts.indices.span, counts.values.span)
      var result = CellStatistics()
      for k in starts[rows[i]]..<starts[rows[i] + 1] {
        let j = Int(gene[k])
        if !isCounted[j] || value[k] == 0 { continue }
        result.total += Double(value[k])
        result.genes += 1
        if mitochondrial[j] { result.mitochondrial += Double(value[k]) }
      }
      return result
    }
  }
}

/// The cells that pass the options' limits, in order; those that do not are counted in `summary` under the first reason.
func passingCells(
  _ statistics: Buffer<CellStatistics>, _ options: PreprocessingOptions,
  _ summary: inout PreprocessingSummary
) -> [Int] {
  var passing: [Int] = []
  for (i, cell) in statistics.enumerated() {
    if cell.total == 0 {
      summary.emptyCells += 1
    } else if cell.genes < options.minGenes {
      summary.cellsWithFewGenes += 1
    } else if cell.total < options.minCounts {
      summary.cellsWithFewCounts += 1
    } else if let limit = options.maxMitoFraction, cell.mitochondrial > limit * cell.total {
      summary.cellsWithManyMitochondrialCounts += 1
    } else {
      passing.append(i)
    }
  }
  return passing
}

/// A random choice of `count` of the cells, in their old order; all where there are no more.
func drawn(_ cells: [Int], _ count: Int?, seed: UInt64) -> [Int] {
  guard let count, count < cells.count else { return cells }
  var generator = RandomGenerator(seed: seed.stream(.sample))
  return generator.permutation(cells.count).prefix(count).map { cells[$0] }.sorted()
}
