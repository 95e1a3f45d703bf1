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
  /// Values or counts of all genes that passed the gene filter, in the form that the options ask
  /// for. Nil if these are the genes kept. (N, `filteredGenes`)
  package let allGenes: SparseMatrix<Float>?
  /// s_i = n_i / median(n), n_i the cell's total over all genes that passed the gene filter. (N)
  package let sizeFactors: Buffer<Float>
  /// n_i as above. (N)
  package let totals: Buffer<Float>
  /// In how many of the genes that passed the filter the cell has counts. (N)
  package let geneCounts: [Int]
  /// Mean and standard deviation (ddof 1; 1 for constant genes) of the log-normalised values; nil
  /// if scaling is off. (G each)
  package let scaling: (mean: Buffer<Float>, standardDeviation: Buffer<Float>)?
  /// The ranking that chose the genes, over all genes that passed the gene filter.
  package let variableGenes: VariableGenes
  /// The columns of the input that passed the gene filter, rising: what `variableGenes` runs over.
  package let filteredGenes: [Int]
  /// All cells of the input, with what they add up to over all genes and what became of them.
  package let assessed: AssessedCells
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
  /// What became of every cell of the input. (N)
  package internal(set) var fates: [CellFate] = []
  package internal(set) var inputGenes = 0
  /// Genes present in none of the kept cells.
  package internal(set) var absentGenes = 0
  /// Genes present in some cells, but in too small a share.
  package internal(set) var rareGenes = 0
  /// Genes that passed the filters, but vary less than those kept.
  package internal(set) var lessVariableGenes = 0
  package internal(set) var keptGenes = 0

  /// How many cells met this fate.
  package func count(_ fate: CellFate) -> Int { fates.count { $0 == fate } }

  /// One line for people.
  package var text: String { text(unpaired: 0) }

  /// The same, with that many cells more in the input, dropped for a second measurement.
  package func text(unpaired: Int) -> String {
    func list(_ parts: [(Int, String)]) -> String {
      let said = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
      return said.isEmpty ? "" : " (dropped: \(said.joined(separator: ", ")))"
    }
    let cells = list(CellFate.allCases.dropFirst().map { (count($0), $0.reason) })
    let genes = list([
      (absentGenes, "without counts"), (rareGenes, "in too few cells"),
      (lessVariableGenes, "less variable"),
    ])
    return
      "kept \(count(.kept)) of \(fates.count + unpaired) cells\(cells) and \(keptGenes) of \(inputGenes) genes\(genes)"
  }
}
