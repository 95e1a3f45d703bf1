import CellData
import DataFormats
import Tensors

extension Frame {
  /// The classes in a column that an option names. Throws kind `badData` with all columns if it is
  /// missing.
  package func classes(_ name: String, option: String) throws -> Categories {
    guard let column = self[name] else {
      throw StageFault(
        .badData, "there is no column '\(name)' (\(option)); there are \(listed(columnNames))")
    }
    guard let classes = column.classes else {
      throw StageFault(
        .badData,
        "column '\(name)' (\(option)): holds numbers that are not whole; name one with classes")
    }
    let isMissing = classes.names.map(isMissingText)
    if !isMissing.contains(true) { return classes }
    return classes.leavingOut(Buffer(classes.codes.map { $0 >= 0 && isMissing[Int($0)] }))
  }

  /// ` ('None' counts as missing)` if a column has texts that count as missing, such as a group
  /// that is called so; else empty.
  package func missingWords(in column: String) -> String {
    guard let classes = self[column]?.classes else { return "" }
    let present = Set(classes.codes.filter { $0 >= 0 }).sorted().map { classes.names[Int($0)] }
    let words = present.filter { isMissingText($0) && !$0.isEmpty }
    if words.isEmpty { return "" }
    return " (\(listed(words)) \(words.count == 1 ? "counts" : "count") as missing)"
  }
}

/// `1 cluster`, `3 clusters`.
package func counted(_ number: Int, _ noun: String) -> String {
  "\(number) \(noun)\(number == 1 ? "" : "s")"
}

/// Names for a message: `'a', 'b' and 3 more`, or `none`.
package func listed(_ names: some Collection<String>, limit: Int = 20) -> String {
  if names.isEmpty { return "none" }
  let shown = names.prefix(limit).map { "'\($0)'" }.joined(separator: ", ")
  return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
}
