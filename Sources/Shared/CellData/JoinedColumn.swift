import Tensors

extension Column {
  /// One column out of several, each with the row of the result for each of its own (−1: nowhere).
  /// Rows that none has are missing.
  ///
  /// Numbers of several kinds become the widest of them. Text and any other kind become text. Nil
  /// if two columns disagree about a row.
  package static func joining(
    _ parts: [(column: Column, rows: [Int])], count: Int
  ) -> Column? {
    let columns = parts.map(\.column.withoutGaps)
    if columns.allSatisfy({ if case .boolean = $0 { true } else { false } }) {
      return joining(parts, count) { column in
        column.numbers.map { $0.map { $0.isNaN ? nil : $0 == 1 } }
      }.map { values in
        filled(values, else: false) { .boolean($0) }
      }
    }
    if columns.allSatisfy({ if case .integer = $0 { true } else { false } }) {
      return joining(parts, count) { $0.integers }.map { values in
        filled(values, else: 0) { .integer($0) }
      }
    }
    if columns.allSatisfy({ $0.numbers != nil }) {
      let isSingle = columns.allSatisfy { if case .float32 = $0 { true } else { false } }
      return joining(parts, count) { column in column.numbers.map { $0.map { $0.isNaN ? nil : $0 } }
      }.map { values in
        isSingle
          ? .float32(Buffer(values.map { $0.map { Float($0) } ?? .nan }))
          : .float64(Buffer(values.map { $0 ?? .nan }))
      }
    }
    return joining(parts, count) { $0.texts }.map { .categorical(Categories($0)) }
  }

  /// The values by row; nil if two differ. A value that one part lacks may come from another.
  private static func joining<Value: Equatable>(
    _ parts: [(column: Column, rows: [Int])], _ count: Int, _ values: (Column) -> [Value?]?
  ) -> [Value?]? {
    var result = [Value?](repeating: nil, count: count)
    for part in parts {
      guard let own = values(part.column) else { return nil }
      for (place, row) in part.rows.enumerated() where row >= 0 {
        guard let value = own[place] else { continue }
        if let other = result[row], other != value { return nil }
        result[row] = value
      }
    }
    return result
  }

  private static func filled<Value: BitwiseCopyable>(
    _ values: [Value?], else absent: Value, _ column: (Buffer<Value>) -> Column
  ) -> Column {
    let whole = column(Buffer(values.map { $0 ?? absent }))
    let missing = values.map { $0 == nil }
    return missing.contains(true) ? .nullable(whole, missing: Buffer(missing)) : whole
  }

  /// The column of which some values may be missing.
  private var withoutGaps: Column {
    if case .nullable(let inner, _) = self { return inner }
    return self
  }

  /// Nil for a column that does not hold whole numbers.
  private var integers: [Int?]? {
    switch self {
    case .integer(let values): return Array(values)
    case .nullable(let inner, let missing):
      return inner.integers.map { zip($0, missing).map { $1 ? nil : $0 } }
    case .float32, .float64, .unsigned, .boolean, .strings, .categorical: return nil
    }
  }

  /// The values as text, for a column of any type.
  private var texts: [String?] {
    if let classes {
      return classes.codes.map { $0 < 0 ? nil : classes.names[Int($0)] }
    }
    return (numbers ?? []).map { $0.isNaN ? nil : "\($0)" }
  }
}
