import CellData
import Tensors

/// A table of words, read whole: lists of names, labels. It may be gzip or plain, with or without
/// quotation marks, with any delimiter.
package struct DelimitedTable: Sendable {
  /// The fields of every line that has some, padded to the longest line. Leading lines that begin
  /// with `#` are passed over.
  package private(set) var rows: [[String]] = []
  /// The number of each of these lines in the file.
  package private(set) var lineNumbers: [Int] = []
  /// Whether the first line had one field fewer than all others, as R writes it; an empty field was
  /// put before it.
  package private(set) var hasShortHeader = false

  /// The delimiter of the columns, in words; nil for tabs.
  private(set) var delimiter: String?

  package var columnCount: Int { rows.first?.count ?? 0 }

  /// Throws for input that is no text, and if lines have different numbers of fields.
  package init(path: String) throws {
    var lines: [(bytes: [UInt8], number: Int)] = []
    try DelimitedTable.forEachLine(path) { line, number in
      if line.allSatisfy({ $0 <= 0x20 }) { return }
      if lines.isEmpty, line.first == UInt8(ascii: "#") { return }
      lines.append((line, number))
    }
    guard let first = lines.first else { return }
    let splitter = FieldSplitter(header: first.bytes, row: lines.dropFirst().first?.bytes ?? [])
    delimiter = splitter.word
    var unclosed: Set<Int> = []
    for line in lines {
      if line.bytes.count(where: { $0 == UInt8(ascii: "\"") }) % 2 == 1 {
        unclosed.insert(line.number)
      }
      rows.append(try splitter.texts(line.bytes, number: line.number))
      lineNumbers.append(line.number)
    }
    if rows.allSatisfy({ $0.count > 1 && $0.last == "" }) {
      for i in rows.indices { rows[i].removeLast() }
    }
    try alignHeader(unclosed)
  }

  /// `unclosed` has the numbers of lines with a quotation mark too few.
  private mutating func alignHeader(_ unclosed: Set<Int>) throws {
    let width = commonWidth
    if rows.count > 1, rows[0].count == width - 1 {
      hasShortHeader = true
      rows[0].insert("", at: 0)
    }
    for (row, number) in zip(rows, lineNumbers) where row.count != width {
      if unclosed.contains(number) {
        throw FormatFault(
          "line \(unclosed.min() ?? number)", "a quotation mark is not closed in this line",
          "close it; a field must not contain a line break")
      }
      let columns = row.count == 1 ? "1 column" : "\(row.count) columns"
      throw FormatFault(
        "line \(number)", "\(columns), where other lines have \(width)",
        "every line needs the same number; put quotation marks around text that contains delimiters"
      )
    }
  }

  /// The number of fields that most lines have. If several are as frequent: one more than the
  /// header, since R writes it short, else that of the header.
  private var commonWidth: Int {
    var frequency: [Int: Int] = [:]
    for row in rows { frequency[row.count, default: 0] += 1 }
    let most = frequency.values.max() ?? 0
    let widths = frequency.filter { $0.value == most }.keys
    let own = rows[0].count
    return [own + 1, own].first(where: widths.contains) ?? widths.max() ?? 0
  }

  /// The lines without their ends.
  private static func forEachLine(_ path: String, _ body: ([UInt8], Int) throws -> Void) throws {
    try LineReader.forEachLine(of: path) { bytes, line, number in
      try body(line.map { bytes[$0] }, number)
    }
  }

  /// The fields of one column, without the first line if that is a header.
  package func column(_ j: Int, hasHeader: Bool) -> [String] {
    rows.dropFirst(hasHeader ? 1 : 0).map { $0[j] }
  }

  /// Whether a column counts the rows, from 0 or 1, as tables are written that have no names of
  /// their own.
  package func isRowNumbers(_ j: Int, hasHeader: Bool) -> Bool {
    countsRows(column(j, hasHeader: hasHeader))
  }
}
