import Tensors

/// What one cell's row adds up to.
package struct CellStatistics: BitwiseCopyable, Sendable {
  package internal(set) var total = 0.0
  package internal(set) var mitochondrial = 0.0
  package internal(set) var ribosomal = 0.0
  package internal(set) var genes = 0

  /// The share of the counts on mitochondrial genes; 0 for a cell without counts.
  package var mitochondrialShare: Double { total > 0 ? mitochondrial / total : 0 }

  /// The share of the counts on genes of ribosomal proteins; 0 for a cell without counts.
  package var ribosomalShare: Double { total > 0 ? ribosomal / total : 0 }

  /// The statistics of every row over the genes that `isCounted` marks. (N)
  static func of(
    _ counts: SparseMatrix<Float>, rows: [Int], counting isCounted: [Bool], _ kinds: GeneKinds
  ) -> Buffer<CellStatistics> {
    parallelMap(rows.count) { i in
      let (starts, gene, value) = (counts.indptr.span, counts.indices.span, counts.values.span)
      var result = CellStatistics()
      for k in starts[rows[i]]..<starts[rows[i] + 1] {
        let j = Int(gene[k])
        if !isCounted[j] || value[k] == 0 { continue }
        result.total += Double(value[k])
        result.genes += 1
        if kinds.mitochondrial[j] { result.mitochondrial += Double(value[k]) }
        if kinds.ribosomal[j] { result.ribosomal += Double(value[k]) }
      }
      return result
    }
  }
}

/// Which of the G genes are of the kinds whose share shows a cell's quality.
package struct GeneKinds: Sendable {
  package let mitochondrial: [Bool]
  package let ribosomal: [Bool]

  /// A mark a gene for each kind. (G each)
  package init(mitochondrial: [Bool], ribosomal: [Bool]) {
    precondition(
      mitochondrial.count == ribosomal.count,
      "\(mitochondrial.count) and \(ribosomal.count) marks of the same genes")
    (self.mitochondrial, self.ribosomal) = (mitochondrial, ribosomal)
  }

  /// By the names of `count` genes.
  init(_ names: AxisNames, count: Int) {
    func marks(_ isOfKind: (String) -> Bool) -> [Bool] {
      (0..<count).map { $0 < names.genes.count && isOfKind(names.genes[$0]) }
    }
    self.init(mitochondrial: marks(isMitochondrial), ribosomal: marks(isRibosomal))
  }
}

/// What became of a cell, and why.
package enum CellFate: UInt8, CaseIterable, Sendable {
  case kept
  /// Without any counts, before or after the gene filter.
  case empty
  case fewGenes
  case fewCounts
  case manyMitochondrialCounts
  /// Further from the median than `PreprocessingOptions.deviations` allows.
  case outlyingCounts, outlyingGenes, outlyingMitochondrialShare
  /// Dropped as two cells in one.
  case doublet
  /// Passed, but not drawn.
  case notDrawn

  /// The words for such cells in a summary: `3 with too few genes`.
  package var reason: String {
    switch self {
    case .kept: "kept"
    case .empty: "without counts"
    case .fewGenes: "with too few genes"
    case .fewCounts: "with too few counts"
    case .manyMitochondrialCounts: "with too many mitochondrial counts"
    case .outlyingCounts: "with counts far from the median"
    case .outlyingGenes: "with genes far from the median"
    case .outlyingMitochondrialShare: "with a mitochondrial share far above the median"
    case .doublet: "predicted doublets"
    case .notDrawn: "not drawn"
    }
  }
}

/// A random choice of `count` of the cells, in their old order; all if there are no more.
func drawn(_ cells: [Int], _ count: Int?, seed: UInt64) -> [Int] {
  guard let count, count < cells.count else { return cells }
  var generator = RandomGenerator(seed: seed.stream(.sample))
  return generator.permutation(cells.count).prefix(count).map { cells[$0] }.sorted()
}
