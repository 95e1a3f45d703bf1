/// How genes are ranked by their variability.
package enum VariableGeneFlavor: String, Sendable, CaseIterable {
  /// log dispersion, z-scored within 20 bins of equal width of log mean (Satija et al. 2015).
  case seurat
  /// Dispersion, scaled by median and MAD within bins of mean percentiles (Zheng et al. 2017).
  case cellRanger = "cell_ranger"
  /// Variance of clipped counts standardised by a loess fit of variance on mean (Stuart et al.
  /// 2019).
  case seuratV3 = "seurat_v3"
}

/// What is kept of all genes that pass the filters, in addition to the variable ones.
package enum AllGenesForm: String, Sendable, CaseIterable {
  /// Values like those of the variable genes: log1p(x_ij / s_i).
  case log
  /// The counts themselves.
  case counts
}

/// What `preprocess` keeps and how it ranks.
package struct PreprocessingOptions: Sendable {
  /// The fewest genes a cell must show to be kept.
  package var minGenes = 0
  /// The fewest counts a cell must hold to be kept.
  package var minCounts = 0.0
  /// The largest share of a cell's counts on mitochondrial genes; nil for no limit.
  package var maxMitoFraction: Double?
  /// The limit on a cell's distance from the median of log counts and of log genes, in median
  /// absolute deviations. It also limits the distance above the median of the mitochondrial share;
  /// nil for no limit.
  package var deviations: Double?
  /// Genes present in a smaller share of the kept cells are dropped, as are genes present in none.
  package var minCellsFraction = 0.01
  /// The number of most variable genes to keep; all if there are no more.
  package var genes = 2000
  package var flavor = VariableGeneFlavor.seurat
  /// What is kept of all genes that pass the filters, if not all are among the most variable; nil
  /// for nothing.
  package var allGenes: AllGenesForm?
  /// The counts to which every cell is scaled for values and ranking; nil for the median of the
  /// cells.
  package var targetSum: Double?
  /// Whether means and standard deviations of the genes are computed.
  package var isScaled = true
  /// The number of cells to draw at random from those that pass the filters; nil for all.
  package var subsample: Int?
  /// The seed of the draw.
  package var seed: UInt64 = 0
  /// Whether values that are not whole are let through.
  package var allowsNonInteger = false

  package init() {}

  /// Refuses settings that no data can satisfy.
  package func validate() throws(PreprocessingFault) {
    func refuse(_ isWrong: Bool, _ what: String) throws(PreprocessingFault) {
      if isWrong { throw PreprocessingFault(kind: .usage, what) }
    }
    try refuse(genes < 1, "--genes: \(genes) genes to keep; ask for 1 or more")
    try refuse(minGenes < 0, "--min-genes: \(minGenes) is negative; give 0 or more")
    try refuse(!(minCounts >= 0), "--min-counts: \(minCounts) is negative; give 0 or more")
    try refuse(
      !(0...1).contains(minCellsFraction),
      "--min-cells-fraction: \(minCellsFraction) is out of range; give a share from 0 to 1")
    try refuse(
      maxMitoFraction.map { !(0...1).contains($0) } ?? false,
      "--max-mito-fraction: \(maxMitoFraction ?? 0) is out of range; give a share from 0 to 1")
    try refuse(
      deviations.map { !($0 > 0) } ?? false,
      "--mad: \(deviations ?? 0) deviations; give a number above 0")
    try refuse(
      subsample.map { $0 < 1 } ?? false, "--subsample: \(subsample ?? 0) cells; ask for 1 or more")
  }
}
