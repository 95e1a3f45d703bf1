import CellData
import Preprocessing
import StageSupport
import Tensors

extension Frame {
  /// Which genes are mitochondrial: by their names, else by a column that marks them, by other names of theirs, or by their chromosome. Says which
  /// column it was. All false where nothing tells.
  func mitochondrialGenes(_ log: Log) -> [Bool] {
    let byName = index.map(isMitochondrial)
    if byName.contains(true) { return byName }
    for name in columnNames {
      guard let marks = mitochondrialMarks(name), marks.contains(true) else { continue }
      log.note(
        "mitochondrial genes are detected from var/\(name), since no gene is called MT-…: \(marks.count { $0 })"
      )
      return marks
    }
    return byName
  }

  /// What a column says of each gene; nil for a column that says nothing of the kind.
  private func mitochondrialMarks(_ name: String) -> [Bool]? {
    let word = name.lowercased().filter { $0.isLetter || $0.isNumber }
    let isMark = ["mt", "mito", "ismt", "ismito", "mitochondrial", "ismitochondrial"].contains(word)
    if isMark, let numbers = self[name]?.numbers { return numbers.map { $0 == 1 } }
    guard let classes = self[name]?.classes else { return nil }
    func marks(_ isWanted: (String) -> Bool) -> [Bool] {
      let wanted = classes.names.map(isWanted)
      return classes.codes.map { $0 >= 0 && wanted[Int($0)] }
    }
    if isMark { return marks { ["true", "1", "yes"].contains($0.lowercased()) } }
    if ["chromosome", "chr", "chrom", "seqname", "seqnames", "chromosomename"].contains(word) {
      return marks { ["mt", "chrm", "chrmt", "m"].contains($0.lowercased()) }
    }
    let isName = ["symbol", "name", "gene", "feature", "ensembl", "accession", "id"].contains {
      word.contains($0)
    }
    return isName ? marks(isMitochondrial) : nil
  }
}
