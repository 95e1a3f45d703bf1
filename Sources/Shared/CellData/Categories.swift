import Tensors

/// Values from a short list of names.
package struct Categories: Sendable, Equatable {
  /// What the names are texts of.
  package enum ValueType: Sendable, Equatable {
    case text
    case integer
    /// Whole numbers of which some are above Int's largest.
    case unsigned
    case float32
    case float64
    case boolean
  }

  /// For every row the position of its name in `names`; −1 for a missing value.
  package var codes: Buffer<Int32>
  package var names: [String]
  /// Whether the order of the names means something.
  package var isOrdered: Bool
  package var valueType: ValueType

  package init(
    codes: Buffer<Int32>, names: [String], isOrdered: Bool = false, valueType: ValueType = .text
  ) {
    self.codes = codes
    self.names = names
    self.isOrdered = isOrdered
    self.valueType = valueType
  }

  /// Categories of text, sorted by code point; nil is a missing value.
  package init(_ values: [String?]) {
    let names = Set(values.compactMap(\.self)).sorted {
      $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
    }
    let code = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
    self.init(codes: Buffer(values.map { $0.flatMap { code[$0] } ?? -1 }), names: names)
  }

  /// Categories of whole numbers, sorted by value; nil is a missing value.
  package init(integers values: [Int?]) {
    let distinct = Set(values.compactMap(\.self)).sorted()
    let code = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, Int32($0)) })
    self.init(
      codes: Buffer(values.map { $0.flatMap { code[$0] } ?? -1 }), names: distinct.map(String.init))
  }
}

extension Categories {
  /// Categories whose values are those of a column; nil for a column that is itself categorical or
  /// has missing values.
  package init?(codes: Buffer<Int32>, values: Column, isOrdered: Bool) {
    let (names, type): ([String], ValueType)
    switch values {
    case .strings(let texts): (names, type) = (texts, .text)
    case .integer(let numbers): (names, type) = (numbers.map { String($0) }, .integer)
    case .unsigned(let numbers): (names, type) = (numbers.map { String($0) }, .unsigned)
    case .float32(let numbers): (names, type) = (numbers.map { String($0) }, .float32)
    case .float64(let numbers): (names, type) = (numbers.map { String($0) }, .float64)
    case .boolean(let flags): (names, type) = (flags.map { $0 ? "True" : "False" }, .boolean)
    case .nullable(let inner, let missing) where !missing.contains(true):
      self.init(codes: codes, values: inner, isOrdered: isOrdered)
      return
    case .nullable, .categorical: return nil
    }
    self.init(codes: codes, names: names, isOrdered: isOrdered, valueType: type)
  }

  /// The same with one category a name, in the order of their first appearance.
  package func withDistinctNames() -> Categories {
    guard Set(names).count < names.count else { return self }
    var result = self
    var place: [String: Int32] = [:]
    result.names = []
    let code = names.map { name -> Int32 in
      if let known = place[name] { return known }
      let next = Int32(truncatingIfNeeded: result.names.count)
      place[name] = next
      result.names.append(name)
      return next
    }
    result.codes = Buffer(codes.map { $0 < 0 ? -1 : code[Int($0)] })
    return result
  }

  /// The values that the names denote, in their own type; text if a name cannot be read as one.
  package var values: Column {
    func all<T>(_ parse: (String) -> T?) -> [T]? {
      let parsed = names.compactMap(parse)
      return parsed.count == names.count ? parsed : nil
    }
    let typed: Column? =
      switch valueType {
      case .text: nil
      case .integer: all { Int($0) }.map { .integer(Buffer($0)) }
      case .unsigned: all { UInt64($0) }.map { .unsigned(Buffer($0)) }
      case .float32: all { Float($0) }.map { .float32(Buffer($0)) }
      case .float64: all { Double($0) }.map { .float64(Buffer($0)) }
      case .boolean:
        all { ["True": true, "False": false][$0] }.map { .boolean(Buffer($0)) }
      }
    return typed ?? .strings(names)
  }
}
