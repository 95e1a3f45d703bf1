/// Whether a name, or an identifier of Ensembl, is that of a mitochondrial gene.
///
/// Names: `MT-CO1`, `mt-Co1` (mouse and rat: `Mt-` too), `MT.CO1` (as R writes it), `mt:CoI`
/// (Drosophila), each also behind the name of a genome (`GRCh38_MT-CO1`, `mm10---mt-Co1`).
/// Identifiers: of human and mouse, with or without version.
package func isMitochondrial(_ name: String) -> Bool {
  let own = withoutGenome(name)
  if own.count > 3, own.prefix(2).lowercased() == "mt", "-:.".contains(own.dropFirst(2).prefix(1)) {
    return true
  }
  return mitochondrialIdentifiers.contains(String(own.prefix { $0 != "." }))
}

/// A name behind the underscores that 10x puts after the name of a genome; Seurat turns them into
/// hyphens.
func withoutGenome(_ name: String) -> Substring {
  if let last = name.lastIndex(of: "_") { return name[name.index(after: last)...] }
  guard let hyphen = name.firstIndex(of: "-"), isGenome(name[..<hyphen]) else { return name[...] }
  return name[hyphen...].drop { $0 == "-" }
}

/// Whether a word is a genome's name, such as `GRCh38`, `mm10` and `hg19`, or that of a species.
private func isGenome(_ word: Substring) -> Bool {
  let letters = word.lowercased()
  if ["human", "mouse", "rat"].contains(letters) { return true }
  let stem = letters.prefix { !$0.isNumber }
  return stem.count < letters.count
    && ["grch", "grcm", "grcr", "grcz", "hg", "mm", "mratbn", "rn", "danrer"].contains(
      String(stem))
}

/// Ensembl's 37 genes of the mitochondrial genome, of human and of mouse. They are in the order of
/// the genome: MT-TF, RNR1, TV, RNR2, TL1, ND1, …, CYB, TT, TP.
private let mitochondrialIdentifiers: Set<String> = {
  let human = [
    210049, 211459, 210077, 210082, 209082, 198888, 210100, 210107, 210112, 198763, 210117, 210127,
    210135, 210140, 210144, 198804, 210151, 210154, 198712, 210156, 228253, 198899, 198938, 210164,
    198840, 210174, 212907, 198886, 210176, 210184, 210191, 198786, 198695, 210194, 198727, 210195,
    210196,
  ]
  // Mouse identifiers have consecutive numbers, except mt-Nd4l.
  let mouse = (64336...64372).map { $0 == 64362 ? 65947 : $0 }
  return Set(human.map { "ENSG00000\($0)" } + mouse.map { "ENSMUSG000000\($0)" })
}()
