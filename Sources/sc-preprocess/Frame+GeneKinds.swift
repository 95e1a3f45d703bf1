import CellData
import Preprocessing
import StageSupport
import Tensors

extension Frame {
  /// Which genes are mitochondrial, and which are of ribosomal proteins; all false if nothing shows
  /// them.
  ///
  /// - Parameter isAsked: whether the user has asked for a filter by them. Then a message names
  ///   their source.
  func geneKinds(isAsked: Bool, _ log: Log) -> GeneKinds {
    GeneKinds(
      mitochondrial: mitochondrialGenes(isAsked: isAsked, log), ribosomal: ribosomalGenes)
  }

  /// Which genes are mitochondrial: by their names, else by a column that marks them, by other
  /// names of theirs, or by their chromosome. Reports which column it was. All false if nothing
  /// shows them.
  private func mitochondrialGenes(isAsked: Bool, _ log: Log) -> [Bool] {
    let byName = index.map(isMitochondrial)
    if byName.contains(true) { return byName }
    for name in columnNames {
      guard let marks = mitochondrialMarks(name), marks.contains(true) else { continue }
      let said =
        "mitochondrial genes are detected from var/\(name), because no gene is called MT-…: \(marks.count { $0 })"
      if isAsked { log.note(said) } else { log.detail(said) }
      return marks
    }
    return byName
  }

  /// The mark of each gene by a column; nil if the column does not mark them.
  private func mitochondrialMarks(_ name: String) -> [Bool]? {
    let word = name.lowercased().filter { $0.isLetter || $0.isNumber }
    let isMark = ["mt", "mito", "ismt", "ismito", "mitochondrial", "ismitochondrial"].contains(word)
    if isMark { return self[name]?.marks }
    guard let classes = self[name]?.classes else { return nil }
    func marks(_ isWanted: (String) -> Bool) -> [Bool] {
      let wanted = classes.names.map(isWanted)
      return classes.codes.map { $0 >= 0 && wanted[Int($0)] }
    }
    if ["chromosome", "chr", "chrom", "seqname", "seqnames", "chromosomename"].contains(word) {
      return marks { ["mt", "chrm", "chrmt", "m"].contains($0.lowercased()) }
    }
    return Self.isName(word) ? marks(isMitochondrial) : nil
  }

  /// By the names, else by a column of other names.
  private var ribosomalGenes: [Bool] {
    let byName = index.map(isRibosomal)
    if byName.contains(true) { return byName }
    for name in columnNames {
      let word = name.lowercased().filter { $0.isLetter || $0.isNumber }
      guard Self.isName(word), let classes = self[name]?.classes else { continue }
      let wanted = classes.names.map(isRibosomal)
      if wanted.contains(true) { return classes.codes.map { $0 >= 0 && wanted[Int($0)] } }
    }
    return byName
  }

  /// Whether a column, by the letters of its name, has names of genes.
  private static func isName(_ word: String) -> Bool {
    ["symbol", "name", "gene", "feature", "ensembl", "accession", "id"].contains {
      word.contains($0)
    }
  }
}
