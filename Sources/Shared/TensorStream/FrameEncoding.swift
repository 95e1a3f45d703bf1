import CellData
import Tensors

extension Encoder {
  /// A table: its index and its columns below `path`.
  mutating func encode(_ frame: Frame, path: String, withIndex: Bool) throws {
    if withIndex { try encode(frame.index, named: path + "._index") }
    if frame.columnNames.isEmpty { return }
    try note(path + ".columns", JSONText.array(of: frame.columnNames))
    for name in frame.columnNames {
      guard let column = frame[name] else { continue }
      try encode(column, named: "\(path).\(Profile.escaped(name))")
    }
  }

  private mutating func encode(_ column: Column, named name: String) throws {
    switch column {
    case .float32(let values): try put(name, Tensor(values))
    case .float64(let values): try put(name, Tensor(values))
    case .integer(let values): try put(name, Tensor(values))
    case .unsigned(let values): try put(name, Tensor(values))
    case .boolean(let values):
      try put(name, Tensor(values.converted { $0 ? UInt8(1) : 0 }))
      try note(name + ".encoding", "boolean")
    case .strings(let values): try encode(values, named: name)
    case .categorical(let values):
      try requireCodes(values.codes, below: values.names.count) {
        StreamFault.unwritable(name + ".codes", $0)
      }
      try put(name + ".codes", Tensor(values.codes))
      try encode(categories: values, named: name + ".categories")
      if values.isOrdered { try note(name + ".ordered", "true") }
    case .nullable(let values, let missing):
      try encode(values, named: name)
      try put(name + ".missing", Tensor(flags: missing))
    }
  }

  /// The values of categories: text, or a tensor of their own type.
  private mutating func encode(categories: Categories, named name: String) throws {
    switch categories.values {
    case .integer(let values): try put(name, Tensor(values))
    case .unsigned(let values): try put(name, Tensor(values))
    case .float32(let values): try put(name, Tensor(values))
    case .float64(let values): try put(name, Tensor(values))
    case .boolean(let values): try put(name, Tensor(flags: values))
    case .strings, .categorical, .nullable: try encode(categories.names, named: name)
    }
  }

  /// Strings as in Arrow: where each begins, and all their UTF-8 bytes.
  private mutating func encode(_ strings: [String], named name: String) throws {
    var offsets = Buffer<Int>(repeating: 0, count: strings.count + 1)
    var starts = offsets.mutableSpan
    for i in strings.indices { starts[i + 1] = starts[i] + strings[i].utf8.count }
    var bytes = Buffer<UInt8>(uninitializedCount: starts[strings.count])
    var target = bytes.mutableSpan
    var k = 0
    for text in strings {
      for byte in text.utf8 {
        target[k] = byte
        k += 1
      }
    }
    try put(name + ".offsets", Tensor(offsets))
    try put(name + ".bytes", Tensor(bytes))
  }
}

extension Tensor {
  /// Booleans as a tensor of their own type.
  fileprivate init(flags: Buffer<Bool>) {
    self.init(
      elementType: .bool, shape: [flags.count], bytes: flags.converted { $0 ? UInt8(1) : 0 })
  }
}

/// Throws unless every code is −1 or the position of one of `count` names.
func requireCodes(
  _ codes: Buffer<Int32>, below count: Int, _ fault: (String) -> StreamFault
) throws {
  let span = codes.span
  for i in span.indices where span[i] < -1 || Int(span[i]) >= count {
    throw fault("row \(i) has code \(span[i]) of \(count) categories")
  }
}
