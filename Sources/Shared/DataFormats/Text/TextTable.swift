import CellData
import Tensors

/// A matrix as delimited text: a header of gene names (with or without a field over the first column), then a line a cell: its name and
/// its values. `isTransposed` turns cells and genes.
struct TextTable {
  let path: String
  let options: ReadingOptions

  /// The table as CellData: sparse, or dense where 40 % or more of the values are not zero.
  func read() throws -> CellData {
    let lines = try LineReader(path: path, longestLine: 1 << 28)
    var parser = TextTableParser()
    while let range = try lines.next() {
      try parser.take(lines.bytes.span, range)
      if let width = parser.width { lines.longestLine = (1 << 20) + 64 * width }
    }
    return try assemble(parser.finish())
  }

  private func assemble(_ table: (rows: [String], columns: [String], matrix: SparseMatrix<Float>))
    throws -> CellData
  {
    let matrix = options.isTransposed ? table.matrix.transposed() : table.matrix
    let genes = options.isTransposed ? table.rows : table.columns
    let cells = try distinctCells(
      options.isTransposed ? table.columns : table.rows,
      at: options.isTransposed ? "line 1" : "column 1", options)
    let size = matrix.rows * matrix.columns
    let isDense = Double(matrix.entryCount) >= denseShare * Double(size)
    return CellData(
      obs: Frame(index: cells), var: Frame(index: uniqueNames(genes)),
      x: isDense ? .dense(matrix.densified()) : .sparse(matrix))
  }
}

/// Takes the lines of a table one after another.
struct TextTableParser {
  private var splitter: FieldSplitter?
  private var header: [String] = []
  private var rows: [String] = []
  private var builder: SparseBuilder?
  private var values = Buffer<Float>(uninitializedCount: 0)
  private var line = 0

  /// The number of values a line, once it is known.
  var width: Int? { builder == nil ? nil : header.count }

  /// Takes the whole lines in `range`.
  mutating func take(_ bytes: Span<UInt8>, _ range: Range<Int>) throws {
    var start = range.lowerBound
    while start < range.upperBound {
      let (end, next) = lineEnd(bytes, from: start, to: range.upperBound)
      line += 1
      if end > start {
        if let splitter {
          try takeRow(bytes, start..<end, splitter)
        } else {
          let splitter = FieldSplitter(sampling: (start..<end).map { bytes[$0] })
          header = try splitter.texts(bytes, start..<end, line: line)
          self.splitter = splitter
        }
      }
      start = next
    }
  }

  /// Names of rows and columns, and the matrix between them.
  func finish() throws -> (rows: [String], columns: [String], matrix: SparseMatrix<Float>) {
    guard let builder else {
      throw FormatFault(
        "", "no line with values", "the first line must be a header, then one line a cell")
    }
    return (rows, header, builder.matrix)
  }

  private mutating func takeRow(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ splitter: FieldSplitter
  )
    throws
  {
    let nameEnd = splitter.fieldEnd(bytes, from: range.lowerBound, to: range.upperBound)
    guard let name = splitter.text(bytes, range.lowerBound..<nameEnd) else {
      throw FormatFault("line \(line), column 1", "a name that is not UTF-8", "convert it to UTF-8")
    }
    if builder == nil { try begin(bytes, range, splitter) }
    var start = nameEnd + 1
    var column = 0
    var row = values
    values = Buffer([])
    var target = row.mutableSpan
    while start <= range.upperBound {
      let end = splitter.fieldEnd(bytes, from: start, to: range.upperBound)
      guard column < header.count else { break }
      let field = splitter.trimmed(bytes, start..<end)
      guard let value = parseNumber(bytes, field) else {
        throw notANumber(splitter.text(bytes, start..<end), column, name)
      }
      let rounded = Float(value)
      guard rounded.isFinite else {
        throw FormatFault(
          "line \(line), column \(column + 2)",
          "\(name), \(header[column]): the value is \(value)", "remove or replace it")
      }
      target[column] = rounded
      column += 1
      start = end + 1
    }
    guard column == header.count, start > range.upperBound else {
      throw FormatFault(
        "line \(line)", "\(column == header.count ? "more" : "fewer") than \(header.count) values",
        "every line needs as many fields as the header")
    }
    rows.append(name)
    builder?.append(row: row.span, from: 0)
    values = row
  }

  /// At the first line of values it shows whether the header has a field over the names.
  private mutating func begin(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ splitter: FieldSplitter
  ) throws {
    var fields = 1
    var start = splitter.fieldEnd(bytes, from: range.lowerBound, to: range.upperBound)
    while start < range.upperBound {
      start = splitter.fieldEnd(bytes, from: start + 1, to: range.upperBound)
      fields += 1
    }
    guard fields >= 2, header.count == fields || header.count == fields - 1 else {
      throw FormatFault(
        "line \(line)", "\(fields) fields under a header of \(header.count)",
        "the first line must hold the names of the columns")
    }
    if header.count == fields { header.removeFirst() }
    values = Buffer(repeating: 0, count: header.count)
    builder = SparseBuilder(columns: header.count)
  }

  private func notANumber(_ text: String?, _ column: Int, _ name: String) -> FormatFault {
    FormatFault(
      "line \(line), column \(column + 2)",
      "\(name), \(header[column]): `\((text ?? "bytes that are not UTF-8").prefix(40))` is not a number",
      "a table of counts holds numbers after the first column; of a folder with lists of names, name the matrix or the folder"
    )
  }
}
