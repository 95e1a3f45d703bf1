import Tensors

/// The type of an array's values, as a store has it.
enum ZarrType: Equatable {
  case number(NumberType)
  /// Converted to Float as it is unpacked.
  case float16
  case boolean
  /// Bytes of text, padded by zeros.
  case bytes(Int)
  /// That number of characters of four bytes, padded by zeros.
  case characters(Int)
  /// Text of any length.
  case text
  case records
  case other

  /// By the NumPy name of version 2, such as `<f4`.
  init(version2 name: String, isText: Bool) {
    let kind = name.dropFirst().first
    let size = Int(name.dropFirst(2)) ?? 0
    switch (kind, size) {
    case ("f", 2): self = .float16
    case ("b", 1): self = .boolean
    case ("S", 0...ZarrType.longestText): self = .bytes(size)
    case ("U", 0...ZarrType.longestText): self = .characters(size)
    case ("O", _): self = isText ? .text : .other
    case ("i", 1...8), ("u", 1...8), ("f", 1...8):
      let words: [Character: String] = ["i": "int", "u": "uint", "f": "float"]
      self = ZarrType(version3: "\(words[kind ?? " "] ?? "")\(size * 8)", .object([:]))
    default: self = .other
    }
  }

  /// By the name of version 3, such as `float32`.
  init(version3 name: String, _ configuration: JSONNode) {
    let length = configuration["length_bytes"]?.integer ?? -1
    let isLength = (0...ZarrType.longestText).contains(length)
    switch name {
    case "float16": self = .float16
    case "bool": self = .boolean
    case "string", "numpy.variable_length_utf8": self = .text
    case "null_terminated_bytes", "fixed_length_ascii": self = isLength ? .bytes(length) : .other
    case "fixed_length_utf32": self = isLength ? .characters(length / 4) : .other
    default: self = ZarrType.numbers[name].map { .number($0) } ?? .other
    }
  }

  /// No text of a fixed size is longer.
  private static let longestText = 1 << 24

  private static let numbers: [String: NumberType] = [
    "int8": .int8, "int16": .int16, "int32": .int32, "int64": .int64, "uint8": .uint8,
    "uint16": .uint16, "uint32": .uint32, "uint64": .uint64, "float32": .float32,
    "float64": .float64,
  ]

  /// As the readers see it.
  var description: ValueType {
    let kind: ValueKind =
      switch self {
      case .number(.float32), .number(.float64), .float16: .float
      case .number(let type): .integer(isSigned: type.isSigned)
      case .boolean: .enumeration
      case .bytes, .characters: .string(isVariable: false)
      case .text: .string(isVariable: true)
      case .records: .compound
      case .other: .other
      }
    return ValueType(kind: kind, size: size, elementSize: size)
  }

  /// Bytes of a value in a chunk; for text of any length the bytes of a value in memory.
  var size: Int {
    switch self {
    case .number(let type): type.size
    case .float16: 2
    case .boolean: 1
    case .bytes(let count): count
    case .characters(let count): 4 * count
    case .text: 16
    case .records, .other: 1
    }
  }

  /// Bytes of what the order of bytes is about.
  var wordSize: Int {
    switch self {
    case .number, .float16: size
    case .characters: 4
    default: 1
    }
  }

  /// The type of the numbers, once they are unpacked; nil if these are none.
  var numberType: NumberType? {
    switch self {
    case .number(let type): type
    case .float16: .float32
    case .boolean: .uint8
    default: nil
    }
  }

  /// A value in the form of an unpacked one, from the metadata; zeros for `null`.
  func bytes(of fill: JSONNode, at place: String) throws -> Buffer<UInt8> {
    guard let type = numberType, !fill.isNull else {
      return Buffer(repeating: 0, count: self == .text ? 0 : size)
    }
    if let value = fill.integer ?? fill.boolean.map({ $0 ? 1 : 0 }) { return type.bytes(of: value) }
    switch fill {
    case .number(let text):
      if let value = UInt64(text) { return type.bytes(of: value) }
      if let value = Double(text) { return type.bytes(of: value) }
    case .text(let text):
      let words = ["NaN": Double.nan, "Infinity": .infinity, "-Infinity": -.infinity]
      if let value = words[text] { return type.bytes(of: value) }
      if text.hasPrefix("0x"), let bits = UInt64(text.dropFirst(2), radix: 16) {
        return type.bytes(ofBits: bits, isHalf: self == .float16)
      }
      // Text and base64 for values that are no numbers; an empty one means zeros.
      if text.isEmpty { return type.bytes(of: 0) }
    default: break
    }
    throw FormatFault(place, "has a `fill_value` that is no value of its type")
  }
}

extension NumberType {
  /// Bytes a value.
  var size: Int {
    switch self {
    case .int8, .uint8: 1
    case .int16, .uint16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  /// For whole numbers: whether they have a sign.
  var isSigned: Bool {
    switch self {
    case .int8, .int16, .int32, .int64: true
    default: false
    }
  }

  /// The type in memory, with all that Swift knows of it.
  private var element: any StoredNumber.Type {
    switch self {
    case .int8: Int8.self
    case .int16: Int16.self
    case .int32: Int32.self
    case .int64: Int.self
    case .uint8: UInt8.self
    case .uint16: UInt16.self
    case .uint32: UInt32.self
    case .uint64: UInt64.self
    case .float32: Float.self
    case .float64: Double.self
    }
  }

  /// Numbers converted to this type.
  func converted<Element: StoredNumber>(_ values: Buffer<Element>) -> Buffer<UInt8> {
    let source = values.reinterpreted(as: UInt8.self)
    func converted<Target: StoredNumber>(to type: Target.Type) -> Buffer<UInt8> {
      var result = Buffer<Target>(uninitializedCount: values.count)
      Target.convert(
        0..<values.count, of: source, as: Element.numberType, to: &result, at: 0)
      return result.reinterpreted(as: UInt8.self)
    }
    return converted(to: element)
  }

  private static func bytes<Element: StoredNumber>(_ value: Element) -> Buffer<UInt8> {
    Buffer([value]).reinterpreted(as: UInt8.self)
  }

  /// The bytes of the nearest value of this type.
  func bytes(of value: some FixedWidthInteger) -> Buffer<UInt8> {
    func bytes<Element: StoredNumber>(_ type: Element.Type) -> Buffer<UInt8> {
      NumberType.bytes(type.nearest(to: value))
    }
    return bytes(element)
  }

  func bytes(of value: Double) -> Buffer<UInt8> {
    func bytes<Element: StoredNumber>(_ type: Element.Type) -> Buffer<UInt8> {
      NumberType.bytes(type.nearest(to: value))
    }
    return bytes(element)
  }

  /// The bytes of the value with these bits.
  func bytes(ofBits bits: UInt64, isHalf: Bool) -> Buffer<UInt8> {
    if isHalf {
      return bytes(of: Double(Float16(bitPattern: UInt16(truncatingIfNeeded: bits))))
    }
    return Buffer((0..<size).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt64($0))) })
  }
}
