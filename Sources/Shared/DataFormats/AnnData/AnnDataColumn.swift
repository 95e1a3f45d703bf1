import CellData
import Tensors

extension StoredArray {
  /// One-dimensional values as a column of a table; nil for kinds that no column holds.
  func column(field: String? = nil) throws -> Column? {
    let part = try field.map { try type.field($0, at: path) } ?? type
    guard part.dimensions.isEmpty else { return nil }
    switch part.kind {
    case .string: return .strings(try strings(field: field))
    case .enumeration:
      return .boolean(Buffer(try numbers(UInt8.self, field: field).map { $0 != 0 }))
    case .integer(isSigned: false) where part.elementSize == 8:
      let values = try numbers(UInt64.self, field: field)
      return values.contains { $0 > UInt64(Int.max) }
        ? .unsigned(values) : .integer(Buffer(values.map { Int($0) }))
    case .integer: return .integer(try numbers(Int.self, field: field))
    case .float:
      return part.elementSize <= 4
        ? .float32(try numbers(Float.self, field: field))
        : .float64(try numbers(Double.self, field: field))
    case .compound, .objectReference, .other: return nil
    }
  }

  /// The values as names, from a dataset of any type; numbers in their shortest form.
  func names(field: String? = nil, policy: TextPolicy = .refuse) throws -> [String] {
    let part = try field.map { try type.field($0, at: path) } ?? type
    switch part.kind {
    case .string: return try strings(field: field, policy: policy)
    case .integer(isSigned: false):
      return try numbers(UInt64.self, field: field).map { String($0) }
    case .integer: return try numbers(Int.self, field: field).map { String($0) }
    case .enumeration:
      return try numbers(UInt8.self, field: field).map { $0 == 0 ? "False" : "True" }
    case .float where part.elementSize <= 4:
      return try numbers(Float.self, field: field).map { String($0) }
    case .float: return try numbers(Double.self, field: field).map { String($0) }
    default: throw FormatFault(path, "holds \(part.kind.name) where names are needed")
    }
  }

  /// Categories whose codes are this dataset (or one field of it).
  func categories(of values: Column, isOrdered: Bool, field: String? = nil) throws -> Column {
    let codes = try numbers(Int32.self, field: field)
    for (i, code) in codes.enumerated() where code < -1 || Int(code) >= values.count {
      throw FormatFault("\(path)[\(i)]", "code \(code) of \(values.count) categories")
    }
    guard let categories = Categories(codes: codes, values: values, isOrdered: isOrdered) else {
      throw FormatFault(path, "has categories that are neither text nor numbers")
    }
    let distinct = categories.withDistinctNames()
    if distinct.names.count < categories.names.count {
      tree.announce(
        "\(path): categories of the same name were merged: \(categories.names.count - distinct.names.count)"
      )
    }
    return .categorical(distinct)
  }

  /// The values that categories have: each dataset of text or numbers is a list of such.
  func categoryValues() throws -> Column {
    guard let values = try column() else {
      throw FormatFault(path, "holds \(type.kind.name) where categories are needed")
    }
    return values
  }
}

extension StoredNode {
  /// The member of a data frame as a column; nil for kinds that no column holds.
  func annDataColumn() throws -> Column? {
    switch self {
    case .dataset(let dataset):
      guard let reference = try dataset.attribute("categories") else {
        return try dataset.column()
      }
      let values = try reference.referencedArray()
      return try dataset.categories(
        of: values.categoryValues(), isOrdered: try values.flag("ordered"))
    case .group(let group):
      let encoding = try group.text("encoding-type") ?? ""
      if encoding == "categorical" {
        let values = try group["categories"]?.annDataColumn() ?? .strings([])
        return try group.required("codes").categories(
          of: values, isOrdered: try group.flag("ordered"))
      }
      return encoding.hasPrefix("nullable-") ? try group.nullableColumn() : nil
    }
  }

  /// Names of rows: a dataset of text or numbers, or anything that makes a column, such as
  /// categories.
  func annDataNames() throws -> [String] {
    if case .dataset(let dataset) = self, try dataset.attribute("categories") == nil {
      return try dataset.names(policy: .refuse)
    }
    guard let names = try annDataColumn()?.texts else {
      throw FormatFault(object.path, "names are missing, or not text")
    }
    return names
  }

  /// Whether it holds numbers, which names are seldom meant to be.
  var holdsNumbers: Bool {
    switch self {
    case .dataset(let dataset):
      switch dataset.type.kind {
      case .integer, .float: (try? dataset.attribute("categories")) ?? nil == nil
      default: false
      }
    case .group(let group):
      ["categories", "values"].contains { name in
        guard case .dataset(let inner) = try? group[name] else { return false }
        return inner.type.kind.isNumeric
      }
    }
  }
}

extension Column {
  /// Every value as text, a missing one as pandas writes it; nil unless these are columns of one
  /// text a row.
  fileprivate var texts: [String]? {
    switch self {
    case .strings(let texts): return texts
    case .categorical(let values):
      return values.codes.map { $0 < 0 ? "nan" : values.names[Int($0)] }
    case .nullable(let values, let missing):
      return values.texts.map { zip($0, missing).map { $1 ? "nan" : $0 } }
    case .integer(let values): return values.map { String($0) }
    case .unsigned(let values): return values.map { String($0) }
    case .boolean(let values): return values.map { $0 ? "True" : "False" }
    case .float32(let values): return values.map { String($0) }
    case .float64(let values): return values.map { String($0) }
    }
  }
}

extension StoredGroup {
  /// Values with a mask of the missing ones. Whole numbers and booleans keep the mask; other
  /// numbers become NaN. Text becomes categories if any value is missing.
  func nullableColumn() throws -> Column? {
    let mask = try required("mask").numbers(UInt8.self)
    let values = try required("values").column()
    guard let values, values.count == mask.count else {
      throw FormatFault(path, "`values` and `mask` do not belong together")
    }
    let missing = Buffer(mask.map { $0 != 0 })
    func present<T: BitwiseCopyable>(_ values: Buffer<T>, else absent: T) -> Buffer<T> {
      Buffer(zip(values, missing).map { $1 ? absent : $0 })
    }
    switch values {
    case .integer(let values):
      return .nullable(.integer(present(values, else: 0)), missing: missing)
    case .unsigned(let values):
      return .nullable(.unsigned(present(values, else: 0)), missing: missing)
    case .boolean(let values):
      return .nullable(.boolean(present(values, else: false)), missing: missing)
    case .float32(let values): return .float32(present(values, else: .nan))
    case .float64(let values): return .float64(present(values, else: .nan))
    case .strings(let texts):
      guard missing.contains(true) else { return values }
      return .categorical(Categories(zip(texts, missing).map { $1 ? nil : $0 }))
    case .categorical, .nullable: return nil
    }
  }
}
