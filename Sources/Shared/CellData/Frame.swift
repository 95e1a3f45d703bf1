import Tensors

/// A table with named rows: AnnData's data frame.
package struct Frame: Sendable, Equatable {
  /// The names of the rows: barcodes or gene names.
  package var index: [String]
  /// The columns in their order.
  package private(set) var columnNames: [String] = []
  private var columns: [String: Column] = [:]

  package init(index: [String]) { self.index = index }

  package var rowCount: Int { index.count }

  /// The column of that name. Setting a new name appends it; setting nil removes it.
  package subscript(name: String) -> Column? {
    get { columns[name] }
    set {
      if let newValue {
        precondition(
          newValue.count == rowCount,
          "column \(name) has \(newValue.count) values for \(rowCount) rows")
        if columns.updateValue(newValue, forKey: name) == nil { columnNames.append(name) }
      } else if columns.removeValue(forKey: name) != nil {
        columnNames.removeAll { $0 == name }
      }
    }
  }

  /// The rows named, in that order.
  package func selectingRows(_ rows: [Int]) -> Frame {
    var result = Frame(index: rows.map { index[$0] })
    for name in columnNames { result[name] = columns[name]?.selecting(rows) }
    return result
  }
}

/// One column of a table.
package enum Column: Sendable, Equatable {
  case float32(Buffer<Float>)
  case float64(Buffer<Double>)
  case integer(Buffer<Int>)
  /// Whole numbers of which some are above Int's largest.
  case unsigned(Buffer<UInt64>)
  case boolean(Buffer<Bool>)
  case strings([String])
  case categorical(Categories)
  /// Whole numbers or booleans of which some may be missing; the values at missing places mean
  /// nothing.
  indirect case nullable(Column, missing: Buffer<Bool>)

  package var count: Int {
    switch self {
    case .float32(let values): values.count
    case .float64(let values): values.count
    case .integer(let values): values.count
    case .unsigned(let values): values.count
    case .boolean(let values): values.count
    case .strings(let values): values.count
    case .categorical(let values): values.codes.count
    case .nullable(_, let missing): missing.count
    }
  }

  /// The rows named, in that order.
  package func selecting(_ rows: [Int]) -> Column {
    func pick<T: BitwiseCopyable>(_ values: Buffer<T>) -> Buffer<T> {
      Buffer(rows.map { values[$0] })
    }
    switch self {
    case .float32(let values): return .float32(pick(values))
    case .float64(let values): return .float64(pick(values))
    case .integer(let values): return .integer(pick(values))
    case .unsigned(let values): return .unsigned(pick(values))
    case .boolean(let values): return .boolean(pick(values))
    case .strings(let values): return .strings(rows.map { values[$0] })
    case .categorical(var values):
      values.codes = pick(values.codes)
      return .categorical(values)
    case .nullable(let values, let missing):
      return .nullable(values.selecting(rows), missing: pick(missing))
    }
  }

  /// The values as numbers, missing ones as NaN; nil for text and categories.
  package var numbers: [Double]? {
    switch self {
    case .float32(let values): values.map(Double.init)
    case .float64(let values): Array(values)
    case .integer(let values): values.map(Double.init)
    case .unsigned(let values): values.map { Double($0) }
    case .boolean(let values): values.map { $0 ? 1 : 0 }
    case .nullable(let values, let missing):
      values.numbers.map { zip($0, missing).map { $1 ? .nan : $0 } }
    case .strings, .categorical: nil
    }
  }

  /// The values as classes. Whole numbers, booleans and text become their sorted distinct values; a
  /// category stays unchanged. Nil for numbers that are not whole. Missing values, and NaN among
  /// floats, have code −1.
  package var classes: Categories? {
    switch self {
    case .categorical(let values): return values
    case .strings(let values): return Categories(values)
    case .boolean(let values): return Categories(values.map { $0 ? "True" : "False" })
    case .integer(let values): return Categories(integers: Array(values))
    case .unsigned(let values): return Categories(values.map { String($0) })
    case .nullable(let values, let missing): return values.classes?.leavingOut(missing)
    case .float32, .float64:
      guard let numbers,
        numbers.allSatisfy({ $0.isNaN || ($0 == $0.rounded() && abs($0) < 0x1p53) })
      else { return nil }
      return Categories(integers: numbers.map { $0.isNaN ? nil : Int($0) })
    }
  }
}

extension Categories {
  /// The same without the rows marked, and without the names that only these have.
  package func leavingOut(_ missing: Buffer<Bool>) -> Categories {
    let left = zip(codes, missing).map { $1 ? -1 : $0 }
    let used = Set(left)
    let kept = (0..<Int32(names.count)).filter(used.contains)
    let code = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, Int32($0)) })
    return Categories(
      codes: Buffer(left.map { code[$0] ?? -1 }), names: kept.map { names[Int($0)] },
      isOrdered: isOrdered, valueType: valueType)
  }
}
