import CellData
import Tensors

/// A matrix as delimited text. A header has the names of the genes, with or without a field over
/// the names. Each further line is a cell: its name and its values. Or the genes are in the lines
/// and the cells in the columns. A long table has a line for each entry: gene, cell, count.
struct TextTable {
  let path: String
  let options: ReadingOptions

  /// The table as CellData: sparse, or dense if 40 % or more of the values are not zero.
  func read() throws -> CellData {
    let lines = try LineReader(path: path, longestLine: 1 << 28)
    var parser = TextTableParser(options)
    while let range = try lines.next() {
      try parser.take(lines.bytes.span, range)
      if let width = parser.width { lines.longestLine = (1 << 20) + 64 * width }
    }
    switch try parser.finish() {
    case .matrix(let table): return try TextAssembly(table, options).cells()
    case .long(let table): return try table.cells(options)
    }
  }
}

/// Takes the lines of a table one after another: comments in front, the header, the rest.
struct TextTableParser {
  enum Result {
    case matrix(TextMatrix)
    case long(LongTable)
  }

  private let options: ReadingOptions
  private var comment: [UInt8]?
  private var header: (line: [UInt8], number: Int)?
  private var rows: TextRowsParser?
  /// The second line, if it holds words alone.
  private var words: (line: [UInt8], number: Int)?
  private var long: LongTable?
  private var line = 0

  init(_ options: ReadingOptions) { self.options = options }

  /// The number of fields a line, once it is known.
  var width: Int? { rows?.head.header.count ?? (long == nil ? nil : 64) }

  /// Takes the whole lines in `range`.
  mutating func take(_ bytes: Span<UInt8>, _ range: Range<Int>) throws {
    var start = range.lowerBound
    while start < range.upperBound {
      let (end, next) = lineEnd(bytes, from: start, to: range.upperBound)
      line += 1
      if end > start {
        if rows != nil {
          try rows?.take(bytes, start..<end, line: line)
        } else if long != nil {
          try long?.take(bytes, start..<end, line: line)
        } else {
          try takeHead((start..<end).map { bytes[$0] })
        }
      }
      start = next
    }
  }

  /// What all lines together hold.
  func finish() throws -> Result {
    if let long { return .long(long) }
    if let rows { return .matrix(try rows.finish()) }
    if words != nil { throw TextRowsParser.noValues }
    if header?.line.contains(0x0D) == true {
      throw FormatFault(
        "", "its lines end in carriage returns alone",
        "convert them: tr '\\r' '\\n' < FILE > NEWFILE")
    }
    throw FormatFault(
      "", "no line with values", "the first line must be a header, then one line per cell")
  }

  private mutating func takeHead(_ text: [UInt8]) throws {
    if text.allSatisfy({ $0 <= 0x20 }) { return }
    if header == nil, text.first == UInt8(ascii: "#") {
      comment = Array(text.drop { $0 == UInt8(ascii: "#") || $0 == 0x20 })
      return
    }
    guard let header else {
      header = (text, line)
      return
    }
    if let words { throw secondHeader(words, text) }
    if let found = try LongTable(first: header, second: (text, line)) {
      long = found
      if !found.hasHeader {
        try long?.take(header.line.span, 0..<header.line.count, line: header.number)
      }
      try long?.take(text.span, 0..<text.count, line: line)
      return
    }
    // A header in a comment: the line below it is the first of values.
    if let comment, let head = try headInComment(comment, header) {
      rows = try TextRowsParser(head)
      try rows?.take(header.line.span, 0..<header.line.count, line: header.number)
    } else {
      let head = try TextHead(first: header, second: (text, line))
      // The line below shows whether it is a table of words, or has two lines of names.
      if head.valueColumns.isEmpty {
        words = (text, line)
        return
      }
      rows = try TextRowsParser(head)
    }
    try rows?.take(text.span, 0..<text.count, line: line)
  }

  /// The fault of a table whose second line holds words alone, by its third line.
  private func secondHeader(_ words: (line: [UInt8], number: Int), _ third: [UInt8]) -> FormatFault
  {
    let splitter = FieldSplitter(header: words.line, row: third)
    let fields = (try? splitter.texts(third, number: line)) ?? []
    let second = (try? splitter.texts(words.line, number: words.number)) ?? []
    guard fields.count > 2, !second.contains(where: { Double($0) != nil }),
      fields.dropFirst().count(where: { Double($0) != nil }) * 2 >= fields.count
    else { return TextRowsParser.noValues }
    return FormatFault(
      "line \(words.number)", "is a second line of names, above the values",
      "leave one line of names in the table")
  }

  private func headInComment(
    _ comment: [UInt8], _ first: (line: [UInt8], number: Int)
  ) throws -> TextHead? {
    let splitter = FieldSplitter(header: comment, row: first.line)
    let names = try splitter.texts(comment, number: first.number - 1)
    let values = try splitter.texts(first.line, number: first.number)
    guard values.count > 2, (0...1).contains(values.count - names.count),
      values.dropFirst().allSatisfy({ Double($0) != nil || isMissingText($0) })
    else { return nil }
    return try? TextHead(first: (comment, first.number - 1), second: first)
  }
}
