// Patterns of the names of genes and cells, letter by letter. Genes have identifiers of the
// databases, families of symbols, or symbols that every data set has. Cells have nucleotides or
// numbered words. To add a kind: a line in a table, or a function and its call in `kind(of:)`.

/// What one name looks like.
enum NameKind {
  case gene
  /// A word for genes and a number: `gene_12`.
  case numberedGene
  case cell
  /// A word for cells and a number: `cell_12`.
  case numberedCell
}

enum NamePatterns {
  /// The kind that the name looks like; nil for all others.
  static func kind(of name: String) -> NameKind? {
    let bytes = Array(name.utf8.prefix(200))
    if bytes.count < 2 { return nil }
    if hasNucleotides(bytes) || isWells(bytes) { return .cell }
    let upper = withoutGenome(bytes.map(uppercased))
    if isGene(upper) { return .gene }
    if hasNumberedWord(upper, cellWords) { return .numberedCell }
    return hasNumberedWord(upper, geneWords) ? .numberedGene : nil
  }

  // MARK: Cells

  private static let cellWords = [
    "CELL", "BARCODE", "NUCLEUS", "SPOT", "BEAD", "WELL", "SAMPLE", "CELLID",
  ].map { Array($0.utf8) }

  /// Ten or more nucleotides in one piece, or fourteen in pieces of six or more, between the name's
  /// ends or signs.
  private static func hasNucleotides(_ bytes: [UInt8]) -> Bool {
    var total = 0
    for piece in bytes.split(whereSeparator: { !isLetter($0) && !isDigit($0) }) {
      guard piece.count >= 6, piece.allSatisfy({ "ACGTN".utf8.contains($0) }) else { continue }
      if piece.count >= 10 { return true }
      total += piece.count
    }
    return total >= 14
  }

  /// The wells of three rounds of split pools: `01_32_96`, `01_32_96__s1`.
  private static func isWells(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 8 else { return false }
    let hasForm = (0..<8).allSatisfy {
      $0 % 3 == 2 ? bytes[$0] == UInt8(ascii: "_") : isDigit(bytes[$0])
    }
    return hasForm && (bytes.count == 8 || bytes[8] == UInt8(ascii: "_"))
  }

  // MARK: Genes

  private static let geneWords = [
    "GENE", "FEATURE", "PROBE", "PEAK", "TRANSCRIPT", "LOCUS",
  ].map { Array($0.utf8) }

  private static func isGene(_ name: [UInt8]) -> Bool {
    let stem = withoutEnding(name)
    return isIdentifier(name) || isMitochondrial(name) || isInFamily(stem) || isRegion(name)
      || knownGenes.contains(stem)
  }

  /// Identifiers of Ensembl, FlyBase, WormBase, TAIR, ZFIN and NCBI.
  private static func isIdentifier(_ name: [UInt8]) -> Bool {
    if name.starts(with: "ENS".utf8) {
      let rest = name.dropFirst(3).drop(while: isLetter)
      let letters = name.count - 3 - rest.count
      return letters >= 1 && letters <= 8 && rest.prefix(while: isDigit).count >= 6
    }
    if let rest = ["FBGN", "WBGENE", "LOC", "NM_", "NR_", "XM_", "XR_"].lazy.compactMap({
      tail(name, after: $0)
    }).first {
      return rest.prefix(while: isDigit).count >= 5
    }
    if name.starts(with: "ZDB-GENE".utf8) { return true }
    // AT1G01010 of Arabidopsis, YAL001C of yeast.
    guard name.count >= 7 else { return false }
    if name.starts(with: "AT".utf8), name.count >= 9, name[3] == UInt8(ascii: "G") {
      return name[4..<9].allSatisfy(isDigit)
    }
    return name[0] == UInt8(ascii: "Y") && "LR".utf8.contains(name[2])
      && name[3..<6].allSatisfy(isDigit) && "WC".utf8.contains(name[6])
  }

  private static func isMitochondrial(_ name: [UInt8]) -> Bool {
    guard let rest = tail(name, after: "MT-") ?? tail(name, after: "MT:") else { return false }
    return rest.count <= 5
      && ["ND", "CO", "CY", "ATP", "RNR", "T"].contains { rest.starts(with: $0.utf8) }
  }

  /// Symbols that are a family and a number.
  private static let families = [
    "RPL", "RPS", "MRPL", "MRPS", "ZNF", "ZFP", "TMEM", "CCDC", "LINC", "OLFR", "PSMA", "PSMB",
    "PSMC", "PSMD", "NDUFA", "NDUFB", "NDUFS", "SNORD", "SNORA", "KRTAP", "KLHL", "UQCRC", "ANKRD",
  ]
  /// Families that also begin other words: a letter follows their number (`SLC2A3`).
  private static let familiesWithLetter = ["FAM", "SLC", "COL"]

  private static func isInFamily(_ name: [UInt8]) -> Bool {
    if tail(name, after: "HLA-") != nil { return name.count < 10 }
    // 1700011H14Rik
    if name.count >= 12, name.suffix(3) == Array("RIK".utf8)[...] {
      return name.prefix(7).allSatisfy(isDigit)
    }
    for family in families + familiesWithLetter {
      guard let rest = tail(name, after: family) else { continue }
      let digits = rest.prefix(while: isDigit).count
      let letters = rest.dropFirst(digits)
      let needsMore = familiesWithLetter.contains(family)
      if digits >= 1, digits <= 5, letters.count <= 4, !needsMore || !letters.isEmpty,
        letters.allSatisfy({ isLetter($0) || isDigit($0) })
      {
        return letters.first.map(isLetter) ?? true
      }
    }
    return false
  }

  /// A stretch of a chromosome: `chr1:1000-2000`, `chrX_1000_2000`, `1:1000-2000`.
  private static func isRegion(_ name: [UInt8]) -> Bool {
    let parts = name.split(whereSeparator: { ":-_".utf8.contains($0) })
    guard parts.count == 3, parts[1].count >= 3, parts[2].count >= 3,
      parts[1].allSatisfy(isDigit), parts[2].allSatisfy(isDigit)
    else { return false }
    return parts[0].starts(with: "CHR".utf8)
      || (parts[0].count <= 2 && name.contains(UInt8(ascii: ":"))
        && name.contains(UInt8(ascii: "-")))
  }

  /// Genes that nearly every data set has, of human, mouse and others that share their symbols.
  /// None of them also names a type of cells.
  private static let knownGenes: Set<[UInt8]> = Set(
    """
    ACTB ACTG1 GAPDH B2M MALAT1 NEAT1 XIST EEF1A1 EEF1B2 EEF2 TPT1 FTL FTH1 FTL1 TMSB4X TMSB10 PTPRC CD3D CD3E CD3G CD8A CD8B CD8B1 \
    MS4A1 CD79A CD79B NKG7 GNLY S100A4 S100A6 S100A8 S100A9 CST3 FCER1A PPBP EPCAM VIM COL1A1 COL1A2 PECAM1 CDH5 ACTA2 \
    HBA1 HBA2 HBB HBA-A1 HBB-BS APOE APOA1 GFAP SNAP25 SLC17A7 GAD1 GAD2 PLP1 AQP4 CX3CR1 P2RY12 OLIG1 OLIG2 PDGFRA \
    PDGFRB SOX2 SOX9 POU5F1 NANOG TP53 EGFR ERBB2 ESR1 FOS FOSB JUN JUNB JUND EGR1 DUSP1 HSPA1A HSPA8 HSP90AA1 HSP90AB1 \
    UBC UBB PPIA TUBA1A TUBA1B TUBB TUBB5 STMN1 MKI67 TOP2A PCNA HMGB1 HMGB2 HMGN2 CCNB1 CCND1 CDK1 IL7R CCR7 IL32 FCGR3A \
    CD68 CD74 CXCR4 CCL5 GZMB GZMA GZMK PRF1 FOXP3 CTLA4 IL2RA TRAC TRBC1 TRBC2 JCHAIN MZB1 IGKC IGHM IGHA1 IGHG1 IGLC2 \
    H3F3A H3F3B HNRNPA1 NPM1 NCL OAZ1 COX4I1 COX6C COX7C ATP5F1E NACA BTF3 CFL1 PFN1 ARPC2 MYL6 MYL12B CALM1 CALM2 TYROBP LYZ2 \
    SAT1 SRGN ZFP36 NFKBIA IER2 KLF2 KLF6 BTG1 BTG2 TSC22D3 DDX5 SOD1 PRDX1 GSTP1 TXN LDHA LDHB PKM ENO1 ALDOA TPI1 PGK1
    """.split(whereSeparator: \.isWhitespace).map { Array($0.utf8) })

  // MARK: Letters

  /// `word` and a number, at the beginning or after a sign, up to the end or a sign: `cell_12`,
  /// `P1-CELL12`, `CELL00-1`.
  private static func hasNumberedWord(_ name: [UInt8], _ words: [[UInt8]]) -> Bool {
    for word in words {
      var start = 0
      while start + word.count < name.count {
        defer { start += 1 }
        guard name[start..<start + word.count] == word[...],
          start == 0 || !isLetter(name[start - 1])
        else { continue }
        var rest = name[(start + word.count)...]
        if let sign = rest.first, "-_. ".utf8.contains(sign) { rest.removeFirst() }
        let digits = rest.prefix(while: isDigit).count
        let after = rest.dropFirst(digits).first
        if digits > 0, after.map({ !isLetter($0) }) ?? true { return true }
      }
    }
    return false
  }

  /// The rest of a name that begins with `prefix` and continues after it.
  private static func tail(_ name: [UInt8], after prefix: String) -> ArraySlice<UInt8>? {
    guard name.count > prefix.utf8.count, name.starts(with: prefix.utf8) else { return nil }
    return name.dropFirst(prefix.utf8.count)
  }

  /// `GRCH38_ACTB`, `MM10---GAPDH` and `HG19_CD3E` without the genome.
  private static func withoutGenome(_ name: [UInt8]) -> [UInt8] {
    for genome in ["GRCH38", "GRCH37", "GRCM38", "GRCM39", "HG19", "HG38", "MM10", "MM39"] {
      guard let rest = tail(name, after: genome), rest.first.map("_-".utf8.contains) == true else {
        continue
      }
      return Array(rest.drop(while: "_-".utf8.contains))
    }
    return name
  }

  /// Without the `-1` or `.1` that makes a second name unique.
  private static func withoutEnding(_ name: [UInt8]) -> [UInt8] {
    guard name.count > 4, isDigit(name[name.count - 1]), "-.".utf8.contains(name[name.count - 2])
    else { return name }
    return Array(name.dropLast(2))
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
  private static func isLetter(_ byte: UInt8) -> Bool {
    (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A
  }
  private static func uppercased(_ byte: UInt8) -> UInt8 {
    byte >= 0x61 && byte <= 0x7A ? byte - 0x20 : byte
  }
}
