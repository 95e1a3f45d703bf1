import CellData
import Tensors

/// The lists of names of a matrix, as counting programs write them: a line a name, tabs between
/// columns, no header. Lists that other programs rewrote have headers, numbers of lines, quotation
/// marks, and commas or blanks for tabs: `NameTable` reads these.
struct MatrixMarketNames {
  let path: String
  /// The sizes of the matrix.
  let counts: [Int]
  /// Is called with what a list has that is not read as a name.
  let announce: ((String) -> Void)?

  /// Whether a list has columns with names over them.
  private var isTable: Bool { path.hasSuffix(".csv") || path.hasSuffix(".csv.gz") }

  /// Identifier, name, kind of feature; what is missing is taken from the identifier.
  ///
  /// - Parameters:
  ///   - names: a list of the names alone, if there is one; it is used if it is as long.
  ///   - isFound: whether the list is known by words in its name alone.
  func features(names: String? = nil, isFound: Bool = false) throws -> TenXFeatures {
    if isFound || isTable { return try table().features }
    let lines = try Self.lines(path)
    if let table = try irregular(lines, \.features.names) { return table.features }
    let rows = withoutHeader(lines, AnnotationWords.genes)
    if rows.count < lines.count, let header = lines.first, header.count > 1,
      AnnotationWords.identifiers.contains(AnnotationWords.plain(header[1]))
    {
      return try table().features
    }
    var features = TenXFeatures(
      ids: rows.map { $0[0] }, names: rows.map { $0.count > 1 ? $0[1] : $0[0] })
    if let names, let list = try? Self.lines(names).map({ $0[0] }), list.count == rows.count {
      features.names = list
    }
    if rows.allSatisfy({ $0.count > 2 }), !rows.isEmpty { features.types = rows.map { $0[2] } }
    return features
  }

  /// The names of the cells, and what else a header names.
  func cells(isFound: Bool = false) throws
    -> (names: [String], columns: [(name: String, values: Column)])
  {
    if isFound || isTable { return try table().cells }
    let lines = try Self.lines(path)
    if let table = try irregular(lines, \.cells.names) { return table.cells }
    let rows = withoutHeader(lines, AnnotationWords.cells)
    if rows.count < lines.count, lines.contains(where: { $0.count > 1 }) {
      return try table().cells
    }
    return (rows.map { $0[0] }, [])
  }

  private func table() throws -> NameTable {
    let table = try NameTable(path: path, counts: counts)
    if table.isNumbered { announce?("\(fileName): a column that numbers its lines is not read") }
    return table
  }

  private var fileName: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The list as a table, if its lines have numbers before the names, or other delimiters than tabs
  /// in all lines. Nil for a list in the programs' own form.
  private func irregular(
    _ lines: [[String]], _ names: (NameTable) -> [String]
  ) throws -> NameTable? {
    let hasTabs = lines.contains { $0.count > 1 }
    if hasTabs {
      let first = lines.map { $0[0] }
      guard countsRows(first) || countsRows(Array(first.dropFirst())),
        lines.dropFirst().allSatisfy({ $0.count == lines.last?.count })
      else { return nil }
      return try table()
    }
    // Names may have commas and blanks in them. These are delimiters only if they split every line
    // alike, into columns that distinguish the lines.
    guard let found = try? NameTable(path: path, counts: counts),
      found.columnCount > 1 || found.isNumbered,
      found.isIndex, isDistinct(names(found))
    else { return nil }
    if let word = found.delimiter { announce?("\(fileName): its columns are separated by \(word)") }
    return try table()
  }

  /// Whether nine in ten of the names appear there once.
  private func isDistinct(_ names: [String]) -> Bool {
    Set(names).count * 10 >= names.count * 9
  }

  /// Words over names of anything.
  private static let generalWords: Set<String> = ["x", "v1", "id", "ids", "name", "names"]

  private func withoutHeader(_ rows: [[String]], _ words: Set<String>) -> [[String]] {
    guard let first = rows.first.map({ AnnotationWords.plain($0[0]) }),
      counts.contains(rows.count - 1),
      words.contains(first)
        || (Self.generalWords.contains(first) && !counts.contains(rows.count))
    else { return rows }
    return Array(rows.dropFirst())
  }

  /// The tab-separated fields of every line; blank lines only at the end.
  private static func lines(_ path: String) throws -> [[String]] {
    var result: [[String]] = []
    try LineReader.forEachLine(of: path) { bytes, line, number in
      if line.isEmpty {
        guard number <= result.count + 1000 else {
          throw FormatFault("line \(number)", "nothing but blank lines", "check the file")
        }
        return
      }
      guard result.count == number - 1 else {
        throw FormatFault("line \(number)", "a name after a blank line", "remove the blank line")
      }
      result.append(try FieldSplitter(delimiter: 0x09).texts(bytes, line, line: number))
    }
    return result
  }
}
