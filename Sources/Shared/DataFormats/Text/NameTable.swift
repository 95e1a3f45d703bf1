import CellData

/// A list of names as a table: with or without a header, numbers of rows and further columns.
struct NameTable {
  private let table: DelimitedTable
  private let hasHeader: Bool
  /// The columns but those that count the rows.
  private let columns: [Int]
  private let words: [String]
  /// The delimiter of the columns, in words; nil for tabs.
  var delimiter: String? { table.delimiter }
  var columnCount: Int { columns.count }
  /// Whether a column that counts the rows is left aside.
  var isNumbered: Bool { columns.count < table.columnCount }
  /// Whether the first column of names has each of them once.
  var isIndex: Bool { Set(names).count == names.count }

  /// - Parameter counts: the possible numbers of names. If there is one line more than one of them,
  ///   and the first line reads like a header, it is one.
  init(path: String, counts: [Int]) throws {
    table = try DelimitedTable(path: path)
    let lines = table.rows.count
    let isHeaded =
      table.hasShortHeader || (counts.contains(lines - 1) && NameTable.beginsWithHeader(table))
    hasHeader = isHeaded
    let held = table
    let all = Array(0..<table.columnCount)
    let isNumbered = held.columnCount > 1 && held.isRowNumbers(0, hasHeader: isHeaded)
    columns = isNumbered ? Array(all.dropFirst()) : all
    words = isHeaded ? table.rows[0].map(AnnotationWords.plain) : []
  }

  /// Whether the first line has a word of a header of names, or of a header of row numbers.
  private static func beginsWithHeader(_ table: DelimitedTable) -> Bool {
    guard let first = table.rows.first else { return false }
    let words = AnnotationWords.cells.union(AnnotationWords.genes).union(
      AnnotationWords.identifiers
    ).union(["x", "v1", "name", "names"])
    return first.map(AnnotationWords.plain).contains(where: words.contains)
      || table.isRowNumbers(0, hasHeader: true) || isAboveNumbers(table)
  }

  /// Whether the first line has a word over a column that holds numbers alone.
  private static func isAboveNumbers(_ table: DelimitedTable) -> Bool {
    guard let first = table.rows.first, table.columnCount > 1 else { return false }
    return first.indices.contains { j in
      Double(first[j]) == nil && table.column(j, hasHeader: true).allSatisfy { Double($0) != nil }
    }
  }

  /// The first column of names.
  var names: [String] { columns.first.map(texts) ?? [] }

  private func texts(_ column: Int) -> [String] { table.column(column, hasHeader: hasHeader) }

  private func column(of known: Set<String>) -> Int? {
    hasHeader ? columns.first { known.contains(words[$0]) } : nil
  }

  /// Whether the header, if there is one, names the columns of genes.
  private var saysColumns: Bool {
    column(of: AnnotationWords.genes.union(AnnotationWords.identifiers)) != nil
  }

  /// The column of feature types. It is the column of that name, else the third if there is no
  /// header, else one with 10x's words in it.
  private var typeColumn: Int? {
    column(of: ["featuretype", "featuretypes"])
      ?? (!saysColumns && columns.count > 2 ? columns[2] : nil)
      ?? columns.dropFirst().first { FeatureTypes.areCanonical(texts($0)) }
  }

  /// The table as a list of genes: identifiers, symbols, kinds if a third column has them, and any
  /// further columns of a header.
  var features: TenXFeatures {
    let first = columns.first ?? 0
    let second = !saysColumns && columns.count > 1 ? columns[1] : nil
    let ids = column(of: AnnotationWords.identifiers) ?? first
    let symbols =
      column(of: AnnotationWords.symbols) ?? second ?? column(of: AnnotationWords.genes) ?? first
    let types = typeColumn
    let idTexts = texts(ids)
    var result = TenXFeatures(
      ids: idTexts, names: zip(texts(symbols), idTexts).map { isMissingText($0) ? $1 : $0 })
    result.types = types.map(texts)
    result.others = others(but: [ids, symbols, types ?? ids])
    return result
  }

  /// As a list of cells: their names, and what else a header names.
  var cells: (names: [String], columns: [(name: String, values: Column)]) {
    let place = column(of: AnnotationWords.cells) ?? columns.first ?? 0
    return (texts(place), others(but: [place]))
  }

  private func others(but used: Set<Int>) -> [(name: String, values: Column)] {
    guard hasHeader else { return [] }
    return columns.filter { !used.contains($0) && !table.rows[0][$0].isEmpty }.map {
      (table.rows[0][$0], Column(texts: texts($0)))
    }
  }
}
