import CellData
import Tensors

/// What the rows of a table of text hold.
struct TextMatrix {
  let head: TextHead
  /// A name a row.
  var rows: [String]
  /// A name a column of values.
  var columns: [String]
  /// (rows, columns)
  var matrix: SparseMatrix<Float>
  /// Annotations of the rows, by name.
  var rowAnnotations: [(name: String, texts: [String])]
  /// Annotations of the columns, by name.
  var columnAnnotations: [(name: String, texts: [String])]
  /// How many values of each column are not whole numbers.
  var fractions: [Int]
}

/// Takes the lines of values of a table one after another.
struct TextRowsParser {
  let head: TextHead
  private let places: [Int]
  private let nameColumn: Int
  private var names: [String] = []
  private var annotations: [[String]]
  private var columnAnnotations: [(name: String, texts: [String])] = []
  private var builder: RowBuilder<Float>
  private var values: Buffer<Float>
  private var fractions: [Int]
  private var lineNumbers: (first: Int, last: Int) = (0, 0)

  /// What a table without numbers is.
  static let noValues = FormatFault(
    "", "a table of words or annotations, not a matrix",
    "if it lists the cells or genes of a matrix, name the matrix or its folder")

  /// Throws if no column holds values.
  init(_ head: TextHead) throws {
    self.head = head
    // The position of a field's value, or −1 − its column if it is text.
    var next = 0
    places = head.roles.indices.map { j in
      guard head.roles[j] == .value else { return -1 - j }
      defer { next += 1 }
      return next
    }
    guard next > 0 else {
      throw TextRowsParser.noValues
    }
    nameColumn = head.roles.firstIndex(of: .name) ?? 0
    annotations = head.roles.map { _ in [] }
    builder = RowBuilder<Float>(columns: next)
    values = Buffer(repeating: 0, count: next)
    fractions = Array(repeating: 0, count: next)
  }

  /// Takes one line that is not empty.
  mutating func take(_ bytes: Span<UInt8>, _ range: Range<Int>, line: Int) throws {
    let splitter = head.splitter
    let name = try rowName(bytes, range, line)
    if AnnotationWords.isAnnotation(name) {
      return try takeColumnAnnotation(name, bytes, range, line)
    }
    var row = values
    values = Buffer([])
    var target = row.mutableSpan
    var start = splitter.begin(bytes, range)
    var column = 0
    while start <= range.upperBound, column < places.count {
      let end = splitter.fieldEnd(bytes, from: start, to: range.upperBound)
      let place = places[column]
      if place >= 0 {
        let value = try number(bytes, start..<end, column, name, line)
        if value != value.rounded() { fractions[place] += 1 }
        target[place] = value
      } else {
        annotations[column].append(try text(bytes, start..<end, column, line))
      }
      column += 1
      start = splitter.next(bytes, after: end, to: range.upperBound)
    }
    try checkEnd(bytes, start, column, range, line)
    names.append(name)
    if lineNumbers.first == 0 { lineNumbers.first = line }
    lineNumbers.last = line
    builder.append(row: row.span, from: 0)
    values = row
  }

  /// Names and matrix, when all lines have come.
  ///
  /// Throws if a column is neither of numbers nor of words.
  func finish() throws -> TextMatrix {
    try checkAnnotations()
    let isBesides: (Int) -> Bool = { head.roles[$0] == .annotation }
    return TextMatrix(
      head: head, rows: names, columns: head.valueColumns.map { head.header[$0] },
      matrix: builder.matrix,
      rowAnnotations: head.roles.indices.filter(isBesides).map {
        (head.header[$0], annotations[$0])
      },
      columnAnnotations: columnAnnotations, fractions: fractions)
  }

  private func rowName(_ bytes: Span<UInt8>, _ range: Range<Int>, _ line: Int) throws -> String {
    var start = head.splitter.begin(bytes, range)
    var column = 0
    while start <= range.upperBound {
      let end = head.splitter.fieldEnd(bytes, from: start, to: range.upperBound)
      if column == nameColumn { return try text(bytes, start..<end, column, line) }
      column += 1
      start = head.splitter.next(bytes, after: end, to: range.upperBound)
    }
    return ""
  }

  /// A line that annotates the columns, such as a row of clusters in a table with the genes in its
  /// rows.
  private mutating func takeColumnAnnotation(
    _ name: String, _ bytes: Span<UInt8>, _ range: Range<Int>, _ line: Int
  ) throws {
    var texts = try head.splitter.texts(bytes, range, line: line)
    if head.endsInDelimiter, texts.count == places.count + 1, texts.last == "" {
      texts.removeLast()
    }
    try checkEnd(bytes, range.upperBound + 1, texts.count, range, line)
    columnAnnotations.append((name, head.valueColumns.map { texts[$0] }))
  }

  private func text(
    _ bytes: Span<UInt8>, _ field: Range<Int>, _ column: Int, _ line: Int
  ) throws -> String {
    guard let text = head.splitter.text(bytes, field) else {
      throw FormatFault(
        "line \(line), column \(column + 1)", "a name that is not UTF-8", "convert it to UTF-8")
    }
    return text
  }

  private func number(
    _ bytes: Span<UInt8>, _ field: Range<Int>, _ column: Int, _ name: String, _ line: Int
  ) throws -> Float {
    guard let value = parseNumber(bytes, head.splitter.trimmed(bytes, field)) else {
      throw notANumber(head.splitter.text(bytes, field), column, name, line)
    }
    let rounded = Float(value)
    guard rounded.isFinite else {
      throw FormatFault(
        place(column, line), "\(name), \(head.header[column]): the value is \(value)",
        "remove or replace it")
    }
    return rounded
  }

  /// A line has as many fields as the first, and perhaps a delimiter after them.
  private func checkEnd(
    _ bytes: Span<UInt8>, _ start: Int, _ column: Int, _ range: Range<Int>, _ line: Int
  ) throws {
    let isAtEnd = start > range.upperBound || (head.endsInDelimiter && start == range.upperBound)
    guard column == places.count, isAtEnd else {
      throw FormatFault(
        "line \(line)",
        "\(column == places.count ? "more" : "fewer") than \(places.count - 1) values",
        "every line needs as many fields as the header")
    }
  }

  /// A word in the first line must be a word in all lines, unless the header shows that the column
  /// is about something else.
  private func checkAnnotations() throws {
    for column in head.roles.indices where head.roles[column] == .annotation {
      let isKnown =
        column == 0 || head.besideCells.contains(column)
        || AnnotationWords.isAnnotation(head.header[column])
        || AnnotationWords.genes.contains(AnnotationWords.plain(head.header[column]))
      let texts = annotations[column]
      let hasNumbers = texts.contains { Double($0) != nil }
      if !isKnown, hasNumbers || texts.count < 2 {
        throw notANumber(texts.first, column, names.first ?? "", lineNumbers.first)
      }
    }
  }

  private func notANumber(
    _ text: String?, _ column: Int, _ name: String, _ line: Int
  ) -> FormatFault {
    FormatFault(
      place(column, line),
      "\(name), \(head.header[column]): `\((text ?? "bytes that are not UTF-8").prefix(40))` is not a number",
      "a table of counts holds numbers after the first column; of a folder with lists of names, name the matrix or the folder"
    )
  }

  private func place(_ column: Int, _ line: Int) -> String {
    "line \(line), column \(column + 1)"
  }
}
