import CellData
import Tensors

/// The first lines of a table of text, and what they show of its columns. This is their number,
/// which one names the rows, and which ones hold values.
struct TextHead {
  /// The purpose of a column.
  enum Role: Equatable {
    case name
    case value
    /// It annotates a row and is no value of the matrix.
    case annotation
  }

  let splitter: FieldSplitter
  /// The names over the columns, as many as a line has fields.
  let header: [String]
  let roles: [Role]
  /// The rows' kind, if the table is that of a known program; nil for all others.
  let knownRows: Orientation?
  /// Whether every line ends in a delimiter with nothing behind it.
  let endsInDelimiter: Bool
  /// The columns `fov` and `cell_ID` of a CosMx matrix, which together name a cell.
  let cosMx: (fov: Int, cell: Int)?
  /// Whether the columns are called after the files of featureCounts.
  let isFeatureCounts: Bool
  /// Further columns next to columns with names of cells; they annotate the genes, whatever their
  /// names.
  let besideCells: Set<Int>

  /// The columns of values.
  var valueColumns: [Int] { roles.indices.filter { roles[$0] == .value } }
  /// The rows' kind by the field over the names.
  var cornerRows: Orientation? {
    guard let place = roles.firstIndex(of: .name) else { return nil }
    let word = AnnotationWords.plain(header[place])
    return AnnotationWords.cells.contains(word)
      ? .cells : AnnotationWords.genes.contains(word) ? .genes : nil
  }

  /// - Parameters:
  ///   - first: the header, with its number.
  ///   - second: the first line of values, with its number.
  /// Throws if there is no header, or if it has another number of fields.
  init(first: (line: [UInt8], number: Int), second: (line: [UInt8], number: Int)) throws {
    splitter = FieldSplitter(header: first.line, row: second.line)
    var header = try splitter.texts(first.line, number: first.number)
    var row = try splitter.texts(second.line, number: second.number)
    endsInDelimiter = TextHead.endsInDelimiter(header, row)
    if endsInDelimiter {
      if header.last == "" { header.removeLast() }
      if row.last == "" { row.removeLast() }
    }
    guard row.count >= 2, (0...1).contains(row.count - header.count) else {
      throw FormatFault(
        "line \(second.number)", "\(row.count) fields under a header of \(header.count)",
        "the first line must hold the names of the columns")
    }
    if header.count < row.count { header.insert("", at: 0) }
    guard !TextHead.holdsValues(header, row) else {
      throw FormatFault(
        "line \(first.number)", "holds numbers, not names",
        "put a header of names above: the genes, where every further line is a cell")
    }
    try TextHead.refuseDecimalCommas(row, splitter, line: second.number)
    self.header = header
    let words = header.map(AnnotationWords.plain)
    isFeatureCounts = words.starts(with: ["geneid", "chr", "start", "end", "strand", "length"])
    knownRows =
      isFeatureCounts ? .genes : words.contains("fov") && words.contains("cellid") ? .cells : nil
    if let fov = words.firstIndex(of: "fov"), let cell = words.firstIndex(of: "cellid") {
      cosMx = (fov, cell)
    } else {
      cosMx = nil
    }
    besideCells = TextHead.columnsBesideCells(header)
    roles = TextHead.roles(words, row, besideCells)
  }

  /// Throws if numbers have commas in them: `1,5`.
  private static func refuseDecimalCommas(
    _ row: [String], _ splitter: FieldSplitter, line: Int
  ) throws {
    func isDecimal(_ field: String) -> Bool {
      let parts = field.split(separator: ",", omittingEmptySubsequences: false)
      return parts.count == 2
        && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }
    }
    guard let place = row.indices.dropFirst().first(where: { isDecimal(row[$0]) }) else { return }
    throw FormatFault(
      "line \(line), column \(place + 1)", "`\(row[place])` has a comma in a number",
      "write numbers with decimal points and no other marks")
  }

  private static func endsInDelimiter(_ header: [String], _ row: [String]) -> Bool {
    guard row.count > 2, row.last == "" else { return false }
    if header.last == "" { return true }
    // Without a corner field in the header: only if its first field is a usual corner, so that no
    // value is treated as missing.
    let corner = AnnotationWords.plain(header[0])
    let isCorner =
      header[0].isEmpty || AnnotationWords.cells.contains(corner)
      || AnnotationWords.genes.contains(corner)
    return isCorner && row.count == header.count + 1
  }

  /// Whether the first line is a line of values and no header. Then it has numbers that are
  /// repeated or are not whole, or numbers after a name like that of the next line.
  static func holdsValues(_ header: [String], _ row: [String]) -> Bool {
    let fields = header.dropFirst()
    let numbers = fields.compactMap { Double($0) }
    guard numbers.count * 2 > fields.count, !countsRows(Array(fields)) else { return false }
    if Set(numbers).count < numbers.count
      || numbers.contains(where: { $0 != $0.rounded() || $0 < 0 })
    {
      return true
    }
    return !header[0].isEmpty && shape(header[0]) == shape(row[0])
  }

  /// Letters as `a`, runs of digits as `0`.
  private static func shape(_ name: String) -> [UInt8] {
    var result: [UInt8] = []
    for byte in name.utf8 {
      let isDigit = byte >= 0x30 && byte <= 0x39
      let isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A
      let sign = isDigit ? UInt8(ascii: "0") : isLetter ? UInt8(ascii: "a") : byte
      if !(isDigit && result.last == sign) { result.append(sign) }
    }
    return result
  }

  /// If ten or more adjacent columns have names of cells: the others, except the first.
  private static func columnsBesideCells(_ header: [String]) -> Set<Int> {
    let isCell = header.map {
      let kind = NamePatterns.kind(of: $0)
      return kind == .cell || kind == .numberedCell
    }
    guard let first = isCell.firstIndex(of: true), let last = isCell.lastIndex(of: true),
      first > 0, last - first >= 9, isCell[first...last].allSatisfy({ $0 })
    else { return [] }
    return Set(1..<first).union(last + 1..<header.count)
  }

  private static func roles(
    _ words: [String], _ row: [String], _ besideCells: Set<Int>
  ) -> [Role] {
    var roles = words.indices.map { j -> Role in
      let isText = Double(row[j]) == nil && !isMissingText(row[j])
      let isAnnotation = AnnotationWords.isAnnotation(words[j]) || besideCells.contains(j)
      return isText || isAnnotation ? .annotation : .value
    }
    roles[0] = .annotation
    let nameWords = AnnotationWords.cells.union(AnnotationWords.genes)
    // The first column names the rows, unless it counts or annotates them and a column of names
    // follows it.
    let isOther = ["0", "1"].contains(row[0]) || AnnotationWords.isAnnotation(words[0])
    let named = words.indices.first {
      nameWords.contains(words[$0]) && roles[$0] == .annotation && Double(row[$0]) == nil
    }
    let isNamed = nameWords.contains(words[0]) && Double(row[0]) == nil
    roles[isOther && !isNamed ? named ?? 0 : 0] = .name
    return roles
  }
}
