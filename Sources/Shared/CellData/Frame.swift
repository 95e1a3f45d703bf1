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

  /// The column of that name. Setting a new name appends it; setting nil takes it out.
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
  case boolean(Buffer<Bool>)
  case strings([String])
  case categorical(Categories)

  package var count: Int {
    switch self {
    case .float32(let values): values.count
    case .float64(let values): values.count
    case .integer(let values): values.count
    case .boolean(let values): values.count
    case .strings(let values): values.count
    case .categorical(let values): values.codes.count
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
    case .boolean(let values): return .boolean(pick(values))
    case .strings(let values): return .strings(rows.map { values[$0] })
    case .categorical(var values):
      values.codes = pick(values.codes)
      return .categorical(values)
    }
  }

  /// The values as numbers; nil for text and categories.
  package var numbers: [Double]? {
    switch self {
    case .float32(let values): values.map(Double.init)
    case .float64(let values): Array(values)
    case .integer(let values): values.map(Double.init)
    case .boolean(let values): values.map { $0 ? 1 : 0 }
    case .strings, .categorical: nil
    }
  }

  /// The values as classes: whole numbers, booleans and text become their sorted distinct values, a category stays what it is; nil
  /// for numbers that are not whole. Missing values have code −1.
  package var classes: Categories? {
    switch self {
    case .categorical(let values): return values
    case .strings(let values): return Categories(values)
    case .boolean(let values): return Categories(values.map { $0 ? "True" : "False" })
    case .integer(let values): return Categories(integers: Array(values))
    case .float32, .float64:
      guard let numbers, numbers.allSatisfy({ $0 == $0.rounded() && abs($0) < 0x1p53 }) else {
        return nil
      }
      return Categories(integers: numbers.map { Int($0) })
    }
  }
}

/// Values from a short list of names.
package struct Categories: Sendable, Equatable {
  /// For every row the position of its name in `names`; −1 where it is missing.
  package var codes: Buffer<Int32>
  package var names: [String]
  /// Whether the order of the names means something.
  package var isOrdered: Bool

  package init(codes: Buffer<Int32>, names: [String], isOrdered: Bool = false) {
    self.codes = codes
    self.names = names
    self.isOrdered = isOrdered
  }

  /// Categories of text, sorted by code point.
  package init(_ values: [String]) {
    let names = Set(values).sorted {
      $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
    }
    let code = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
    self.init(codes: Buffer(values.map { code[$0] ?? -1 }), names: names)
  }

  /// Categories of whole numbers, sorted by value.
  package init(integers values: [Int]) {
    let distinct = Set(values).sorted()
    let code = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, Int32($0)) })
    self.init(codes: Buffer(values.map { code[$0] ?? -1 }), names: distinct.map(String.init))
  }
}
