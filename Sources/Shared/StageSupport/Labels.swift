// True labels come as a column of obs, or as a table in a file of its own. pandas, R and people
// write such tables. Any column may hold the names of the cells, and another one the labels.

import CellData
import DataFormats
import Tensors

/// The files that a name of labels may mean: FILE, or FILE:COLUMN.
package func labelFiles(_ name: Path) -> [Path] {
  guard let colon = name.bytes.lastIndex(of: UInt8(ascii: ":")), colon > 0 else { return [name] }
  return [name, Path(bytes: Array(name.bytes[..<colon]))]
}

/// Makes sure that the labels are in `obs`. A file of barcodes and labels becomes obs/label.
/// Returns the column.
///
/// `name` is a column of obs, a file, or `FILE:COLUMN`. Throws kind `badData` with all columns for
/// other names, and for files that do not fit.
@discardableResult
package func attachLabels(
  _ name: Path, to cells: inout CellData, columns: inout OwnColumns, in stage: Stage
) throws -> String {
  if let column = name.text, cells.obs[column] != nil { return column }
  guard let file = labelFile(name, in: stage) else {
    throw StageFault(
      .badData,
      "--labels \(name.description): is neither a file nor a column of obs; there are \(listed(cells.obs.columnNames))"
    )
  }
  let table = try LabelTable(
    try stage.readTable(file.path), column: file.column, of: file.path.description, cells: cells)
  let labels = Categories(try table.labels(of: cells, log: stage.log))
  return columns.write(.categorical(labels), "label", to: &cells)
}

/// The file and the column after the last colon. A file whose own name has the colon comes first.
/// Nil if there is no such file.
private func labelFile(_ name: Path, in stage: Stage) -> (path: Path, column: String?)? {
  if name.isStandard || stage.exists(name) { return (name, nil) }
  guard let colon = name.bytes.lastIndex(of: UInt8(ascii: ":")) else { return nil }
  let file = Path(bytes: Array(name.bytes[..<colon]))
  let column = String(decoding: name.bytes[(colon + 1)...], as: UTF8.self)
  guard !file.bytes.isEmpty, !column.isEmpty, file.isStandard || stage.exists(file) else {
    return nil
  }
  return (file, column)
}

/// A table with a column of cells' names and one of labels.
private struct LabelTable {
  private let table: DelimitedTable
  private let file: String
  private let hasHeader: Bool
  private let nameColumn: Int
  private let labelColumn: Int

  /// - Parameter wanted: the header over the labels, or the number of their column, from 1.
  /// Throws if no column names cells of `cells`, or if the column of labels is not clear.
  init(_ table: DelimitedTable, column wanted: String?, of file: String, cells: CellData) throws {
    self.table = table
    self.file = file
    let names = Set(cells.obs.index)
    let all = Array(0..<table.columnCount)
    let matches = all.map { j in table.column(j, hasHeader: false).count { names.contains($0) } }
    guard let most = matches.max(), most > 0 else {
      throw LabelTable.noCommonNames(table, cells, file)
    }
    let place = try LabelTable.nameColumn(
      among: all.filter { matches[$0] == most }, table, names, file)
    nameColumn = place
    hasHeader = table.hasShortHeader || !names.contains(table.rows[0][place])
    let isHeaded = hasHeader
    let others = all.filter { j in
      j != place && !(j < place && table.isRowNumbers(j, hasHeader: isHeaded))
    }
    labelColumn = try LabelTable.column(wanted, among: others, table, isHeaded, file)
  }

  /// The column of the cells' names among columns that all name as many cells, as whole numbers
  /// may. One without repetitions is preferred, then a header such as `cell`, then no row numbers.
  ///
  /// Throws if two columns are left that name the cells of a line differently.
  private static func nameColumn(
    among candidates: [Int], _ table: DelimitedTable, _ names: Set<String>, _ file: String
  ) throws -> Int {
    var left = candidates
    func prefer(_ isPreferred: (Int) -> Bool) {
      let preferred = left.filter(isPreferred)
      if left.count > 1 && !preferred.isEmpty { left = preferred }
    }
    let header = table.rows[0]
    let isHeaded = left.contains { table.hasShortHeader || !names.contains(header[$0]) }
    prefer { j in
      let found = table.column(j, hasHeader: isHeaded).filter(names.contains)
      return Set(found).count == found.count
    }
    prefer { isHeaded && namesCells(header: header[$0]) }
    prefer { !table.isRowNumbers($0, hasHeader: isHeaded) }
    if let other = left.dropFirst().first(where: { j in
      table.column(j, hasHeader: isHeaded) != table.column(left[0], hasHeader: isHeaded)
    }) {
      func text(_ j: Int) -> String { isHeaded ? "'\(header[j])'" : "\(j + 1)" }
      throw StageFault(
        .badData,
        "columns \(text(left[0])) and \(text(other)) both name the cells, but in another order; call the one that does 'cell'",
        in: file)
    }
    return left[0]
  }

  private static func column(
    _ wanted: String?, among others: [Int], _ table: DelimitedTable, _ hasHeader: Bool,
    _ file: String
  ) throws -> Int {
    let header = hasHeader ? table.rows[0] : []
    let choices =
      hasHeader
      ? listed(others.map { header[$0] }) : "columns 1 to \(table.columnCount), without names"
    if let wanted {
      if let found = header.indices.first(where: { header[$0] == wanted }) { return found }
      if let number = Int(wanted), (1...table.columnCount).contains(number) { return number - 1 }
      throw StageFault(
        .badData, "there is no column '\(wanted)'; there are \(choices)", in: file)
    }
    if others.count == 1 { return others[0] }
    if others.isEmpty {
      throw StageFault(
        .badData, "has one column; give two, barcode and label", in: file)
    }
    throw StageFault(
      .badData,
      "has \(others.count) columns beside the barcodes; name one: --labels \(file):COLUMN; there are \(choices)",
      in: file)
  }

  private static func noCommonNames(
    _ table: DelimitedTable, _ cells: CellData, _ file: String
  ) -> StageFault {
    let genes = Set(cells.var.index)
    let first = table.rows.dropFirst().first ?? table.rows.first ?? []
    let example = "'\(cells.obs.index.first ?? "")'"
    let isOfGenes = (0..<table.columnCount).contains { j in
      table.column(j, hasHeader: false).count { genes.contains($0) } * 2 > table.rows.count
    }
    if isOfGenes {
      return StageFault(
        .badData,
        "names what was read as genes, not cells; the matrix lies the other way: give --transpose",
        in: file)
    }
    let stems = Set(cells.obs.index.map(stem) + cells.obs.index.map { $0[...] })
    let differs = first.contains { stems.contains(stem($0)) || stems.contains($0[...]) }
    let advice =
      differs
      ? "the names differ in their endings: make these the same"
      : "one column must hold the cell names"
    return StageFault(
      .badData,
      "contains none of the \(cells.cellCount) cell names, such as \(example); its first line of labels is '\(first.joined(separator: "', '"))'; \(advice)",
      in: file)
  }

  private static func stem(_ name: String) -> Substring {
    name.lastIndex { "-_.#:".contains($0) }.map { name[..<$0] } ?? name[...]
  }

  /// The label of every cell; nil if it is missing in the file. Reports how many cells and lines
  /// found no partner.
  ///
  /// Throws if a cell has two labels, or no cell has one.
  func labels(of cells: CellData, log: Log) throws -> [String?] {
    var labels: [String: String] = [:]
    for (row, line) in zip(table.rows, table.lineNumbers).dropFirst(hasHeader ? 1 : 0) {
      let (name, label) = (row[nameColumn], row[labelColumn])
      if isMissingText(label) { continue }
      if let other = labels.updateValue(label, forKey: name), other != label {
        throw StageFault(
          .badData,
          "line \(line): '\(name)' is labeled '\(label)' here and '\(other)' before; keep one of them",
          in: file)
      }
    }
    let found = cells.obs.index.map { labels[$0] }
    let missing = found.count { $0 == nil }
    if missing == found.count {
      throw StageFault(.badData, "has no label for any of the \(found.count) cells", in: file)
    }
    if missing > 0 { log.note("\(missing) of \(found.count) cells have no label in \(file)") }
    let unknown = labels.count - cells.obs.index.count { labels[$0] != nil }
    if unknown > 0 {
      log.note(
        "\(unknown) of \(labels.count) labels in \(file) belong to cells that are not in the input")
    }
    return found
  }
}
