import CellData
import Tensors

/// A table with a line for each entry of the matrix, such as `gene cell count` of UMI-tools. The
/// words of the header identify the columns; without them the names do.
struct LongTable {
  let hasHeader: Bool
  private let splitter: FieldSplitter
  private let columns: (first: Int, second: Int, count: Int)
  private let width: Int
  /// What the first of the two columns of names holds; nil if no header shows it.
  private let firstColumn: Orientation?
  private let countName: String?
  private let ignored: [String]
  private var first = NameList()
  private var second = NameList()
  private var firstOf = GrowingBuffer<Int32>()
  private var secondOf = GrowingBuffer<Int32>()
  private var values = GrowingBuffer<Float>()

  /// Names as they come, each with its number.
  private struct NameList {
    var names: [String] = []
    var number: [String: Int32] = [:]

    mutating func place(of name: String) -> Int32 {
      if let found = number[name] { return found }
      let next = Int32(truncatingIfNeeded: names.count)
      number[name] = next
      names.append(name)
      return next
    }
  }

  /// Nil for a table that has a line a cell or gene.
  init?(first: (line: [UInt8], number: Int), second: (line: [UInt8], number: Int)) throws {
    splitter = FieldSplitter(header: first.line, row: second.line)
    let header = try splitter.texts(first.line, number: first.number)
    let row = try splitter.texts(second.line, number: second.number)
    width = row.count
    let words = header.map(AnnotationWords.plain)
    if header.count == row.count, width >= 3, let found = LongTable.columns(words, row) {
      (hasHeader, columns, firstColumn) = (true, found.columns, found.first)
      countName = header[columns.count]
      let used = [columns.first, columns.second, columns.count]
      ignored = header.indices.filter { !used.contains($0) }.map { header[$0] }
      return
    }
    // Without known words: two names and a whole number, in three columns.
    func isEntry(_ fields: [String]) -> Bool {
      fields.count == 3 && Double(fields[0]) == nil && Double(fields[1]) == nil
        && !fields[0].isEmpty && !fields[1].isEmpty && Double(fields[2]) != nil
    }
    // An empty first field is the corner over names of rows: a line a cell or gene.
    guard isEntry(row), header.count == 3, !header[0].isEmpty else { return nil }
    hasHeader = !isEntry(header)
    (columns, firstColumn, countName, ignored) = ((0, 1, 2), nil, nil, [])
  }

  /// The columns of genes, cells and counts, by the words over them.
  private static func columns(
    _ words: [String], _ row: [String]
  ) -> (columns: (first: Int, second: Int, count: Int), first: Orientation)? {
    let named = { (set: Set<String>) in words.indices.filter { set.contains(words[$0]) } }
    guard let gene = named(AnnotationWords.genes).first,
      let cell = named(AnnotationWords.cells).first, gene != cell,
      let count = AnnotationWords.counts.lazy.compactMap({ words.firstIndex(of: $0) }).first,
      Double(row[count]) != nil, words.count <= 12
    else { return nil }
    return gene < cell ? ((gene, cell, count), .genes) : ((cell, gene, count), .cells)
  }

  /// Takes one line that is not empty.
  mutating func take(_ bytes: Span<UInt8>, _ range: Range<Int>, line: Int) throws {
    var start = splitter.begin(bytes, range)
    var column = 0
    var places: (first: Int32, second: Int32, value: Float) = (0, 0, 0)
    while start <= range.upperBound {
      let end = splitter.fieldEnd(bytes, from: start, to: range.upperBound)
      if column == columns.count {
        places.value = try count(bytes, start..<end, line)
      } else if column == columns.first || column == columns.second {
        guard let name = splitter.text(bytes, start..<end), !name.isEmpty else {
          throw FormatFault(
            "line \(line), column \(column + 1)", "a name that is empty or not UTF-8",
            "convert the file to UTF-8, and leave lines without names out")
        }
        if column == columns.first {
          places.first = first.place(of: name)
        } else {
          places.second = second.place(of: name)
        }
      }
      column += 1
      start = splitter.next(bytes, after: end, to: range.upperBound)
    }
    guard column == width else {
      throw FormatFault(
        "line \(line)", "\(column) fields, where other lines have \(width)",
        "every line needs as many fields as the first")
    }
    firstOf.append(places.first)
    secondOf.append(places.second)
    values.append(places.value)
  }

  private func count(_ bytes: Span<UInt8>, _ field: Range<Int>, _ line: Int) throws -> Float {
    let value = parseNumber(bytes, splitter.trimmed(bytes, field)).map { Float($0) }
    guard let value, value.isFinite else {
      let text = splitter.text(bytes, field) ?? "bytes that are not UTF-8"
      throw FormatFault(
        "line \(line), column \(columns.count + 1)", "`\(text.prefix(40))` is not a count",
        "a long table has a gene, a cell and a count in every line")
    }
    return value
  }

  /// The matrix of all lines; lines of the same cell and gene are added.
  func cells(_ options: ReadingOptions) throws -> CellData {
    let (firstIs, known) = try firstKind(options)
    var entries = MatrixMarketTriplets(
      rows: first.names.count, columns: second.names.count, rowOf: firstOf.elements,
      columnOf: secondOf.elements, values: values.elements)
    if firstIs == .cells { entries.swapAxes() }
    let (matrix, added) = entries.compressed()
    let (cells, genes) =
      firstIs == .cells ? (first.names, second.names) : (second.names, first.names)
    announce(options, firstIs, known, added)
    return CellData(
      obs: Frame(index: cells), var: Frame(index: genes), x: .sparse(matrix))
  }

  /// What the first column of names holds, and the evidence. The user's option comes first, then
  /// the header, then the names. Without any, it is genes, as UMI-tools writes them.
  ///
  /// Throws if names contradict the header, and the user can give an option.
  private func firstKind(_ options: ReadingOptions) throws -> (Orientation, known: String) {
    if let given = options.givenRows(usual: firstColumn ?? .genes) {
      let isAgainst = firstColumn.map { $0 != given } ?? false
      let option = options.orientation == nil ? "--transpose" : "--orientation"
      return (given, isAgainst ? " (as \(option) says, against the header)" : "")
    }
    if let found = options.rowsByKnownCells(
      rows: first.names, columns: second.names, usual: firstColumn ?? .genes)
    {
      return (found, "")
    }
    let (one, other) = (NameEvidence(first.names), NameEvidence(second.names))
    let (areGenesFirst, areCellsFirst) = (
      NameEvidence.contradicts(cells: one, genes: other),
      NameEvidence.contradicts(cells: other, genes: one)
    )
    if let firstColumn {
      if firstColumn == .cells ? areGenesFirst : areCellsFirst {
        try object(firstColumn, one, other, options)
      }
      return (firstColumn, "")
    }
    if areGenesFirst { return (.genes, "") }
    if areCellsFirst { return (.cells, "") }
    return (.genes, " (assumed, because no name shows it; --transpose for cell, gene)")
  }

  private func object(
    _ first: Orientation, _ one: NameEvidence, _ other: NameEvidence, _ options: ReadingOptions
  ) throws {
    let clauses = [(first, one), (first.other, other)].compactMap { kind, names in
      names.clause.map { "the names that its header calls \(kind) \($0)" }
    }
    try options.object(
      to: clauses.joined(separator: ", "),
      advice:
        "give --transpose to exchange the columns of names, --orientation \(first) to keep them")
  }

  private func announce(
    _ options: ReadingOptions, _ firstIs: Orientation, _ known: String, _ added: Int
  ) {
    let order = firstIs == .genes ? "gene, cell" : "cell, gene"
    let counts = countName.map { ", counts from '\($0)'" } ?? ""
    let without = ignored.isEmpty ? "" : "; not read: \(ignored.joined(separator: ", "))"
    let sums =
      added == 0 ? "" : "; lines that repeat a pair of cell and gene were added up: \(added)"
    options.announce?("a long table of \(order), count\(known)\(counts)\(without)\(sums)")
  }
}
