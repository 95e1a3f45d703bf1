import CellData
import DataFormats
import StageSupport

/// Types of cells and the genes that mark them, as a table has them.
struct TypeGenes {
  /// In the order of the table.
  private(set) var types: [(name: String, genes: [String])] = []
  /// The lines below the header that lack a type or a gene: their numbers in the file.
  private(set) var incompleteLines: [Int] = []
  private let file: String

  /// One form has two columns, type and gene, with or without a header. Known by the header are
  /// those of CellMarker (`cellName` or `cell_name`, `geneSymbol` or `Symbol`) and PanglaoDB
  /// (`cell type`, `official gene symbol`) among any others. A field may name several genes,
  /// separated by commas or semicolons. The other form has a column for each type, with its name
  /// above its genes: it is known by the genes of the data (`known`).
  ///
  /// Throws kind `badData` for an empty table and for columns of neither form.
  init(_ table: DelimitedTable, file: String, known: Frame) throws {
    self.file = file
    guard let header = table.rows.first else {
      throw StageFault(.badData, "names no types; write a type and a gene per line", in: file)
    }
    if TypeGenes.hasTypesInColumns(table, known) {
      readColumns(of: table)
      return
    }
    let (type, gene, hasHeader) = try TypeGenes.columns(header, file)
    var place: [String: Int] = [:]
    for (row, line) in zip(table.rows, table.lineNumbers).dropFirst(hasHeader ? 1 : 0) {
      let genes = TypeGenes.names(row[gene])
      if isMissingText(row[type]) || genes.isEmpty {
        incompleteLines.append(line)
        continue
      }
      let number = place[row[type], default: types.count]
      if number == types.count {
        place[row[type]] = number
        types.append((row[type], []))
      }
      for gene in genes where !types[number].genes.contains(gene) {
        types[number].genes.append(gene)
      }
    }
    if types.isEmpty {
      throw StageFault(
        .badData, "names no types below its header; write a type and a gene per line", in: file)
    }
  }

  /// Whether each column has mostly genes of the data below a name that is none.
  private static func hasTypesInColumns(_ table: DelimitedTable, _ known: Frame) -> Bool {
    guard let header = table.rows.first, table.rows.count > 1 else { return false }
    let genes = Set(names(of: known).flatMap { $0 }.map { $0.uppercased() })
    func isGene(_ name: String) -> Bool { genes.contains(name.uppercased()) }
    let isNone = header.contains { isMissingText($0) || isGene($0) }
    if isNone || words(of: header).contains(where: (typeWords + geneWords).contains) {
      return false
    }
    return header.indices.allSatisfy { column in
      let found = table.rows.dropFirst().flatMap { names($0[column]) }
      return 2 * found.count(where: isGene) > found.count
    }
  }

  /// Each column's name above its genes.
  private mutating func readColumns(of table: DelimitedTable) {
    for (column, name) in table.rows[0].enumerated() {
      var genes: [String] = []
      for gene in table.rows.dropFirst().flatMap({ TypeGenes.names($0[column]) })
      where !genes.contains(gene) { genes.append(gene) }
      if let place = types.firstIndex(where: { $0.name == name }) {
        types[place].genes += genes.filter { !types[place].genes.contains($0) }
      } else {
        types.append((name, genes))
      }
    }
  }

  private static let typeWords = ["cellname", "celltype", "type", "cluster", "population", "label"]
  private static let geneWords = [
    "officialgenesymbol", "genesymbol", "symbol", "gene", "genes", "genename", "marker", "markers",
    "cellmarker", "markergene", "markergenes", "feature",
  ]

  private static func words(of header: [String]) -> [String] {
    header.map { $0.lowercased().filter { $0.isLetter || $0.isNumber } }
  }

  /// Which columns they are, and whether the first line is a header.
  private static func columns(
    _ header: [String], _ file: String
  ) throws -> (type: Int, gene: Int, hasHeader: Bool) {
    let words = words(of: header)
    func first(_ wanted: [String]) -> Int? {
      wanted.lazy.compactMap { words.firstIndex(of: $0) }.first
    }
    switch (first(typeWords), first(geneWords)) {
    case (let type?, let gene?): return (type, gene, true)
    case (let type?, nil) where header.count == 2: return (type, 1 - type, true)
    case (nil, let gene?) where header.count == 2: return (1 - gene, gene, true)
    case (nil, nil) where header.count == 2: return (0, 1, false)
    default:
      throw StageFault(
        .badData,
        "it is not known which columns have types and genes: there are \(listed(header)); name them 'type' and 'gene', leave two columns, or write the genes of each type below its name",
        in: file)
    }
  }

  /// `[CD3D, CD3E], CD4`: CellMarker puts the parts of a complex into brackets.
  private static func names(_ field: String) -> [String] {
    field.split { ",;|[]\"".contains($0) }
      .map { $0.drop { $0 == " " } }
      .map { String($0.prefix($0.count - $0.reversed().prefix { $0 == " " }.count)) }
      .filter { !isMissingText($0) }
  }

  /// The columns of the genes in a table of genes. They are matched by their names or by the column
  /// of names that finds most, in upper or lower case.
  ///
  /// Throws kind `badData` if none is there.
  func found(in genes: Frame) throws -> [[Int]] {
    var best: (count: Int, types: [[Int]]) = (0, [])
    for names in TypeGenes.names(of: genes) {
      let exact = names.firstPositions
      let folded = Dictionary(
        names.enumerated().map { ($1.uppercased(), $0) }, uniquingKeysWith: { a, _ in a })
      let found = types.map { type in
        Array(Set(type.genes.compactMap { exact[$0] ?? folded[$0.uppercased()] })).sorted()
      }
      let count = found.reduce(0) { $0 + $1.count }
      if count > best.count { best = (count, found) }
    }
    if best.count == 0 {
      throw StageFault(
        .badData,
        "none of its genes, such as '\(types[0].genes[0])', is among the \(genes.rowCount) of the data, which are called like '\(genes.index.first ?? "")'; give both the same kind of names",
        in: file)
    }
    return best.types
  }

  /// The names of the genes: the index, then columns of text.
  private static func names(of genes: Frame) -> [[String]] {
    [genes.index]
      + genes.columnNames.compactMap { name in
        switch genes[name] {
        case .strings(let texts): texts
        case .categorical(let classes) where classes.valueType == .text:
          classes.codes.map { $0 < 0 ? "" : classes.names[Int($0)] }
        default: nil
        }
      }
  }
}
