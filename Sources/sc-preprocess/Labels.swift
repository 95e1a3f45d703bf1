import CellData
import StageSupport
import Tensors

/// Makes sure that the labels are in `obs`: a column that is there stays, a file of barcodes and labels becomes obs/label.
///
/// Throws kind `badData` for a name that is neither, listing the columns, and for files that do not fit.
func attachLabels(
  _ name: Path, to cells: inout CellData, columns: inout OwnColumns, log: Log,
  reading: (Path) throws -> String
) throws {
  if let column = name.text, cells.obs[column] != nil { return }
  let text: String
  do {
    text = try reading(name)
  } catch let fault as any Fault where fault.kind == .noInput {
    throw StageFault(
      .badData,
      "--labels \(name.description): is neither a file nor a column of obs; there are \(listed(cells.obs.columnNames))"
    )
  }
  let labels = try labelTable(text, in: name.description)
  let found = cells.obs.index.map { labels[$0] }
  let missing = found.count { $0 == nil }
  if missing == found.count {
    throw StageFault(
      .badData,
      "names none of the \(found.count) cells; the first column must hold their barcodes, such as '\(cells.obs.index.first ?? "")'",
      in: name.description)
  }
  if missing > 0 {
    log.note("\(missing) of \(found.count) cells have no label in \(name.description)")
  }
  var categories = Categories(found.compactMap { $0 })
  let code = Dictionary(uniqueKeysWithValues: categories.names.enumerated().map { ($1, Int32($0)) })
  categories.codes = Buffer(found.map { label in label.flatMap { code[$0] } ?? -1 })
  columns.write(.categorical(categories), "label", to: &cells)
}

/// Barcode → label from lines of two columns, separated by a tab or a comma. An empty label is none.
private func labelTable(_ text: String, in file: String) throws -> [String: String] {
  var labels: [String: String] = [:]
  let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
  for (number, line) in lines.enumerated() {
    if line.isEmpty { continue }
    let separator: Character = line.contains("\t") ? "\t" : ","
    let fields = line.split(separator: separator, omittingEmptySubsequences: false).map(unquoted)
    guard fields.count == 2 else {
      throw StageFault(
        .badData,
        "line \(number + 1): \(fields.count) columns; give two, barcode and label, with a tab or comma between",
        in: file)
    }
    if fields[1].isEmpty { continue }
    if let other = labels.updateValue(fields[1], forKey: fields[0]), other != fields[1] {
      throw StageFault(
        .badData,
        "line \(number + 1): '\(fields[0])' is labelled '\(fields[1])' here and '\(other)' before; keep one of them",
        in: file)
    }
  }
  return labels
}

private func unquoted(_ field: Substring) -> String {
  let isQuoted = field.count >= 2 && field.hasPrefix("\"") && field.hasSuffix("\"")
  return String(isQuoted ? field.dropFirst().dropLast() : field)
}
