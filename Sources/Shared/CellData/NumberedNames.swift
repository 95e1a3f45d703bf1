// pandas numbers the rows of a table that has no names of its own. Such numbers name nothing: in
// another file the same number is another gene.

/// Whether the texts are 0, 1, 2, … or 1, 2, 3, ….
package func countsRows(_ texts: [String]) -> Bool {
  guard let first = texts.first.flatMap({ Int($0) }), first == 0 || first == 1 else { return false }
  return texts.enumerated().allSatisfy { Int($1) == $0 + first }
}

extension Frame {
  /// Whether the rows have only their numbers as names.
  package var isNumbered: Bool { countsRows(index) }

  /// Whether the names are numbers of rows, of which some may be left out since: rising whole
  /// numbers. Identifiers of NCBI are such numbers too, but reach beyond any number of rows.
  package var mayBeNumbered: Bool {
    var last = -1
    for name in index {
      guard let number = Int(name), number > last, number < 100_000 else { return false }
      last = number
    }
    return !index.isEmpty
  }

  /// A column of text, a text for each row, empty where a value is missing; nil for other columns.
  package func texts(of column: String) -> [String]? {
    switch self[column] {
    case .strings(let values): values
    case .categorical(let values) where values.valueType == .text:
      values.codes.map { $0 < 0 ? "" : values.names[Int($0)] }
    default: nil
    }
  }

  /// The first column of names that contradicts another table. There, most rows of the same name
  /// have a text that belongs to a row of another name in the other table.
  package func contradictedColumn(by other: Frame) -> String? {
    let place = Dictionary(
      other.index.enumerated().map { ($1, $0) }, uniquingKeysWith: { one, _ in one })
    return columnNames.first { name in
      guard let own = texts(of: name), let theirs = other.texts(of: name) else { return false }
      let known = Set(theirs)
      // Annotations that many rows share name nothing.
      guard Set(own).count * 10 >= own.count * 9, known.count * 10 >= theirs.count * 9 else {
        return false
      }
      let shared = index.indices.compactMap { i in place[index[i]].map { (own[i], theirs[$0]) } }
      return 2 * shared.count { $0 != $1 && known.contains($0) } > shared.count
    }
  }
}
