// Files whose tables have only the numbers of the rows as index, as pandas' reset_index leaves
// them, have the names in a column beside it.

import CellData

extension Frame {
  /// If the rows have only their numbers as names, names them by the first well-known column that
  /// has names. Reports the column, or that there is none. Returns whether the names are others.
  mutating func replaceNumbers(
    of axis: NamedAxis, at place: String, _ options: ReadingOptions
  ) -> Bool {
    guard isNumbered else { return false }
    guard let (column, names) = namesInColumn(axis) else {
      let first = index.prefix(3).joined(separator: ", ") + (rowCount > 3 ? ", …" : "")
      options.announce?("\(place): the \(axis)s have only the numbers of rows as names: \(first)")
      return false
    }
    options.announce?(
      "\(place): the index has only the numbers of rows; \(axis)s are called as in \(place)/\(column)"
    )
    index = names
    return true
  }

  /// The likeliest column that names the rows, and its names.
  private func namesInColumn(_ axis: NamedAxis) -> (column: String, names: [String])? {
    let words = columnNames.map(\.wordLetters)
    for wanted in axis.listNames {
      for place in columnNames.indices where words[place] == wanted {
        guard let names = texts(of: columnNames[place]), !countsRows(names) else { continue }
        let distinct = Set(names)
        let areNames =
          switch axis {
          case .cell: distinct.count == rowCount && !distinct.contains("")
          case .gene: distinct.count * 10 >= rowCount * 9
          }
        if areNames { return (columnNames[place], names) }
      }
    }
    return nil
  }
}

extension CellData {
  /// Names cells that have only their numbers as names by a column of `obs`, in all modalities.
  mutating func nameNumberedCells(_ options: ReadingOptions) {
    var named = obs
    guard named.replaceNumbers(of: .cell, at: Axis.obs.rawValue, options) else { return }
    renameCells(named.index)
    setIndexName(nil, of: .obs)
  }
}
