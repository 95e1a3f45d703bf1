import CellData
import Tensors

extension HDF5Dataset {
  /// One-dimensional values as a column of a table; nil for kinds that no column holds.
  func column(field: String? = nil) throws -> Column? {
    let part = try field.map { try type.field($0, at: path) } ?? type
    guard part.dimensions.isEmpty else { return nil }
    switch part.kind {
    case .string: return .strings(try strings(field: field))
    case .enumeration:
      return .boolean(Buffer(try numbers(UInt8.self, field: field).map { $0 != 0 }))
    case .integer: return .integer(try numbers(Int.self, field: field))
    case .float:
      return part.elementSize <= 4
        ? .float32(try numbers(Float.self, field: field))
        : .float64(try numbers(Double.self, field: field))
    case .compound, .objectReference, .other: return nil
    }
  }

  /// The values as names, whatever they are; numbers in their shortest form.
  func names(field: String? = nil, policy: TextPolicy = .refuse) throws -> [String] {
    let part = try field.map { try type.field($0, at: path) } ?? type
    switch part.kind {
    case .string: return try strings(field: field, policy: policy)
    case .integer: return try numbers(Int.self, field: field).map { String($0) }
    case .enumeration:
      return try numbers(UInt8.self, field: field).map { $0 == 0 ? "False" : "True" }
    case .float: return try numbers(Double.self, field: field).map { String($0) }
    default: throw FormatFault(path, "holds \(part.kind.name) where names are needed")
    }
  }

  /// Categories whose codes are this dataset (or one field of it).
  func categories(named names: [String], isOrdered: Bool, field: String? = nil) throws -> Column {
    let codes = try numbers(Int32.self, field: field)
    for (i, code) in codes.enumerated() where code < -1 || Int(code) >= names.count {
      throw FormatFault("\(path)[\(i)]", "code \(code) of \(names.count) categories")
    }
    return .categorical(Categories(codes: codes, names: names, isOrdered: isOrdered))
  }
}

extension HDF5Node {
  /// The member of a data frame as a column; nil for kinds that no column holds.
  func annDataColumn() throws -> Column? {
    switch self {
    case .dataset(let dataset):
      guard let reference = try dataset.attribute("categories") else {
        return try dataset.column()
      }
      let names = try reference.referencedDataset()
      return try dataset.categories(
        named: try names.names(policy: .repair), isOrdered: try names.flag("ordered"))
    case .group(let group):
      switch try group.text("encoding-type") {
      case "categorical":
        let names = try group["categories"]?.annDataNames(policy: .repair) ?? []
        return try group.required("codes").categories(
          named: names, isOrdered: try group.flag("ordered"))
      case "nullable-integer", "nullable-boolean", "nullable-string-array":
        return try group.nullableColumn()
      default: return nil
      }
    }
  }

  /// Names of rows or categories: a dataset, or the nullable strings of newer files.
  func annDataNames(policy: TextPolicy = .refuse) throws -> [String] {
    switch self {
    case .dataset(let dataset): return try dataset.names(policy: policy)
    case .group(let group):
      guard case .strings(let names) = try annDataColumn() else {
        throw FormatFault(group.path, "names are missing, or not text")
      }
      return names
    }
  }
}

extension HDF5Group {
  /// Values with a mask of the missing ones: whole numbers become numbers with NaN, booleans and text become categories, where
  /// any is missing at all.
  func nullableColumn() throws -> Column? {
    let mask = try required("mask").numbers(UInt8.self)
    let values = try required("values").column()
    guard let values, values.count == mask.count else {
      throw FormatFault(path, "`values` and `mask` do not belong together")
    }
    guard mask.contains(where: { $0 != 0 }) else { return values }
    if case .boolean = values {
    } else if let numbers = values.numbers {
      return .float64(Buffer(zip(numbers, mask).map { $1 == 0 ? $0 : .nan }))
    }
    guard let all = values.classes else { return nil }
    let used = Set(zip(all.codes, mask).compactMap { $1 == 0 ? $0 : nil })
    let kept = (0..<Int32(all.names.count)).filter(used.contains)
    let code = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, Int32($0)) })
    let codes = zip(all.codes, mask).map { $1 == 0 ? code[$0] ?? -1 : -1 }
    return .categorical(
      Categories(codes: Buffer(codes), names: kept.map { all.names[Int($0)] }))
  }
}
