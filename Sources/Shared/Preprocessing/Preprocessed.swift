import Tensors

/// Filtered, normalised counts: N cells × G genes kept.
package struct Preprocessed: Sendable {
  /// Which rows of the input were kept, rising. (N)
  package let keptCells: [Int]
  /// Which columns of the input were kept, rising. (G)
  package let keptGenes: [Int]
  /// The counts of the kept genes, explicit zeros left out. (N, G)
  package let counts: SparseMatrix<Float>
  /// log1p(x_ij / s_i), with the entries of `counts`. (N, G)
  package let logNormalized: SparseMatrix<Float>
  /// s_i = n_i / median(n), n_i the cell's total over all genes that passed the gene filter. (N)
  package let sizeFactors: Buffer<Float>
  /// n_i as above. (N)
  package let totals: Buffer<Float>
  /// In how many of the genes that passed the filter the cell has counts. (N)
  package let geneCounts: [Int]
  /// Mean and standard deviation (ddof 1; 1 for constant genes) of the log-normalised values; nil where scaling is off. (G each)
  package let scaling: (mean: Buffer<Float>, standardDeviation: Buffer<Float>)?
  /// The ranking that chose the genes, over all genes that passed the gene filter.
  package let variableGenes: VariableGenes
  /// The columns of the input that passed the gene filter, rising: what `variableGenes` runs over.
  package let filteredGenes: [Int]
  package let summary: PreprocessingSummary

  /// The standardised data, never stored: the encoder's input. (N, G)
  package var standardized: StandardizedMatrix {
    guard let scaling else { return StandardizedMatrix(unscaled: logNormalized) }
    return StandardizedMatrix(
      values: logNormalized, mean: scaling.mean, standardDeviation: scaling.standardDeviation)
  }
}

/// What was kept and dropped, and why.
package struct PreprocessingSummary: Sendable, Equatable {
  package internal(set) var inputCells = 0
  package internal(set) var inputGenes = 0
  /// Cells without any counts, before or after the gene filter.
  package internal(set) var emptyCells = 0
  package internal(set) var cellsWithFewGenes = 0
  package internal(set) var cellsWithFewCounts = 0
  package internal(set) var cellsWithManyMitochondrialCounts = 0
  /// Cells that passed, but were not drawn.
  package internal(set) var cellsNotDrawn = 0
  package internal(set) var keptCells = 0
  /// Genes present in none of the kept cells.
  package internal(set) var absentGenes = 0
  /// Genes present in some cells, but in too small a share.
  package internal(set) var rareGenes = 0
  /// Genes that passed the filters, but vary less than those kept.
  package internal(set) var lessVariableGenes = 0
  package internal(set) var keptGenes = 0

  /// One line for people.
  package var text: String {
    func list(_ parts: [(Int, String)]) -> String {
      let said = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
      return said.isEmpty ? "" : " (dropped: \(said.joined(separator: ", ")))"
    }
    let cells = list([
      (emptyCells, "without counts"), (cellsWithFewGenes, "with too few genes"),
      (cellsWithFewCounts, "with too few counts"),
      (cellsWithManyMitochondrialCounts, "with too many mitochondrial counts"),
      (cellsNotDrawn, "not drawn"),
    ])
    let genes = list([
      (absentGenes, "without counts"), (rareGenes, "in too few cells"),
      (lessVariableGenes, "less variable"),
    ])
    return
      "kept \(keptCells) of \(inputCells) cells\(cells) and \(keptGenes) of \(inputGenes) genes\(genes)"
  }
}
