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
