import CellData
import Tensors

/// Decodes a table: its index and its columns.
struct FrameDecoder {
  private let path: String
  private let index: Parts?
  /// By name, with the name's escapes resolved.
  private let columns: [String: Parts]
  /// The names that the metadata list, in their order.
  private let order: [String]

  init(_ folder: Folder) throws {
    var folder = folder
    path = folder.path
    let columnsKey = path + "columns"
    order =
      try folder.texts.removeValue(forKey: "columns").map {
        try Decoder.names(in: $0, key: columnsKey)
      } ?? []
    var parts = folder.parts(
      tensorEndings: [
        ".categories.offsets", ".categories.bytes", ".categories", ".codes", ".offsets", ".bytes",
        ".missing",
      ],
      textEndings: [".encoding", ".ordered"])
    index = parts.removeValue(forKey: "_index")
    var columns: [String: Parts] = [:]
    for (component, part) in parts {
      if columns.updateValue(part, forKey: Profile.unescaped(component)) != nil {
        throw StreamFault.tensor(part.name, "two columns of this name")
      }
    }
    for name in order where columns[name] == nil {
      throw StreamFault.metadata(columnsKey, "the column \(shown(name)) has no tensors")
    }
    self.columns = columns
  }

  /// The number of rows that the index has, if there is one.
  var indexCount: Int? { index?.tensors[".offsets"].map { max(0, $0.count - 1) } }

  /// The length of the first column, if there is one.
  var columnLength: Int? {
    columns.min { precedes($0.key, $1.key) }.flatMap { _, parts in
      parts.tensors[""]?.count ?? parts.tensors[".codes"]?.count
        ?? parts.tensors[".offsets"].map { max(0, $0.count - 1) }
    }
  }

  /// The table. Without an index of its own its rows take their names from `defaultIndex`, or are
  /// called "0", "1", ….
  func frame(rows: Int, defaultIndex: [String]?) throws -> Frame {
    var frame: Frame
    if let index {
      try index.require([".offsets", ".bytes"], texts: [])
      frame = Frame(index: try index.strings("", rows: rows))
    } else {
      // An empty matrix may claim any number of rows.
      guard defaultIndex != nil || rows <= 1 << 25 else {
        throw StreamFault.tensor(path, "\(rows) rows without names are more than possible")
      }
      frame = Frame(index: defaultIndex ?? (0..<rows).map(String.init))
    }
    let listed = Set(order)
    for name in order + columns.keys.filter({ !listed.contains($0) }).sorted(by: precedes) {
      if let parts = columns[name] { frame[name] = try parts.column(rows: rows) }
    }
    return frame
  }
}

extension Parts {
  /// A column of `rows` values.
  func column(rows: Int) throws -> Column {
    if let missing = tensors[".missing"] { return try nullable(missing, rows: rows) }
    if tensors[".codes"] != nil { return try categories(rows: rows) }
    if tensors[""] != nil { return try numbers(rows: rows) }
    try require([".offsets", ".bytes"], texts: [])
    return .strings(try strings("", rows: rows))
  }

  /// Whole numbers or booleans with a mark of the missing ones.
  private func nullable(_ mask: Tensor, rows: Int) throws -> Column {
    guard mask.elementType.size == 1, mask.shape == [rows], mask.bytes.allSatisfy({ $0 < 2 })
    else { throw StreamFault.tensor(name + ".missing", "not \(rows) booleans in one dimension") }
    var present = self
    present.tensors[".missing"] = nil
    let values = try present.column(rows: rows)
    switch values {
    case .integer, .unsigned, .boolean:
      return .nullable(values, missing: mask.bytes.converted { $0 == 1 })
    default:
      throw StreamFault.tensor(
        name + ".missing", "it cannot be combined with values of such a type")
    }
  }

  private func numbers(rows: Int) throws -> Column {
    try require([""], texts: [".encoding"])
    let tensor = try tensor("")
    guard tensor.shape == [rows] else {
      throw StreamFault.tensor(name, "shape \(shownShape(tensor.shape)), not [\(rows)]")
    }
    if let encoding = texts[".encoding"] {
      guard encoding == "boolean" else {
        throw StreamFault.metadata(name + ".encoding", "\(shown(encoding)), not \"boolean\"")
      }
      guard tensor.elementType.size == 1, tensor.bytes.allSatisfy({ $0 < 2 }) else {
        throw StreamFault.tensor(name, "values other than the bytes 0 and 1")
      }
      return .boolean(tensor.bytes.converted { $0 == 1 })
    }
    switch tensor.elementType {
    case .bool: return .boolean(tensor.bytes.converted { $0 != 0 })
    case .float64: return .float64(tensor.bytes.reinterpreted(as: Double.self))
    case .float32, .float16, .bfloat16: return .float32(tensor.floats)
    default: return tensor.wholeNumbers
    }
  }

  private func categories(rows: Int) throws -> Column {
    let isTyped = tensors[".categories"] != nil
    try require(
      isTyped
        ? [".codes", ".categories"] : [".codes", ".categories.offsets", ".categories.bytes"],
      texts: [".ordered"])
    let tensor = try tensor(".codes")
    guard tensor.shape == [rows], let codes = tensor.narrowIntegers else {
      throw StreamFault.tensor(
        name + ".codes",
        "\(tensor.elementType.rawValue)\(shownShape(tensor.shape)), not I32[\(rows)]")
    }
    let ordered = texts[".ordered"]
    guard ordered == nil || ordered == "true" || ordered == "false" else {
      throw StreamFault.metadata(name + ".ordered", "neither true nor false")
    }
    let values = try isTyped ? categoryValues() : .strings(strings(".categories", rows: nil))
    try requireCodes(codes, below: values.count) { StreamFault.tensor(name + ".codes", $0) }
    guard
      let categories = Categories(codes: codes, values: values, isOrdered: ordered == "true")
    else { throw StreamFault.tensor(name + ".categories", "no values that categories have") }
    return .categorical(categories)
  }

  /// Categories that are no text: numbers or booleans.
  private func categoryValues() throws -> Column {
    let tensor = try tensor(".categories")
    guard tensor.shape.count == 1 else {
      throw StreamFault.tensor(
        name + ".categories", "shape \(shownShape(tensor.shape)), not one dimension")
    }
    switch tensor.elementType {
    case .bool: return .boolean(tensor.bytes.converted { $0 != 0 })
    case .float64: return .float64(tensor.bytes.reinterpreted(as: Double.self))
    case .float32, .float16, .bfloat16: return .float32(tensor.floats)
    default: return tensor.wholeNumbers
    }
  }

  /// Strings: where each begins, and all their bytes.
  func strings(_ prefix: String, rows: Int?) throws -> [String] {
    let bytes = try tensor(prefix + ".bytes")
    let place = name + prefix + ".offsets"
    guard bytes.elementType == .uint8, bytes.shape.count == 1 else {
      throw StreamFault.tensor(name + prefix + ".bytes", "not bytes in one dimension")
    }
    let tensor = try tensor(prefix + ".offsets")
    guard tensor.shape.count == 1, let offsets = tensor.integers, offsets.count > 0,
      rows.map({ offsets.count == $0 + 1 }) ?? true
    else {
      throw StreamFault.tensor(
        place, "not \(rows.map { "\($0 + 1)" } ?? "one or more") whole numbers in one dimension")
    }
    let starts = offsets.span
    let count = starts.count - 1
    guard starts[0] == 0, starts[count] == bytes.bytes.count else {
      throw StreamFault.tensor(
        place, "from \(starts[0]) to \(starts[count]), not from 0 to \(bytes.bytes.count)")
    }
    let text = bytes.bytes.span
    var result: [String] = []
    result.reserveCapacity(count)
    for i in 0..<count {
      guard starts[i] <= starts[i + 1], starts[i + 1] <= text.count else {
        throw StreamFault.tensor(place, "they fall or overshoot at row \(i)")
      }
      guard let string = decodedText(text.extracting(starts[i]..<starts[i + 1])) else {
        throw StreamFault.tensor(name + prefix + ".bytes", "row \(i) is not UTF-8")
      }
      result.append(string)
    }
    return result
  }
}
