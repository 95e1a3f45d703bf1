import Tensors

/// What kind of value an array holds.
enum ValueKind: Equatable {
  case integer(isSigned: Bool)
  case float
  case string(isVariable: Bool)
  /// In AnnData a boolean: 0 FALSE, 1 TRUE.
  case enumeration
  case compound
  case objectReference
  case other

  /// Whether the values convert to numbers.
  var isNumeric: Bool {
    switch self {
    case .integer, .float, .enumeration: true
    default: false
    }
  }

  /// How a fault calls it.
  var name: String {
    switch self {
    case .integer: "whole numbers"
    case .float: "numbers"
    case .string: "text"
    case .enumeration: "booleans"
    case .compound: "records"
    case .objectReference: "references"
    case .other: "values of a kind that is not supported"
    }
  }
}

/// The type of an array, as stored.
struct ValueType {
  /// For a type of arrays the kind of their elements.
  let kind: ValueKind
  /// Bytes a value.
  let size: Int
  /// Bytes of an element, if a value is itself an array; else those of a value.
  let elementSize: Int
  /// The dimensions of a value that is itself an array; none for most.
  var dimensions: [Int] = []
  /// The fields of a record, in their order; nil for all else, and if a name is not UTF-8.
  var fields: [(name: String, type: ValueType)]?

  /// The names of a record's fields.
  var fieldNames: [String]? { fields?.map(\.name) }

  /// The type of a record's field.
  func field(_ name: String, at place: String) throws -> ValueType {
    guard let field = fields?.first(where: { $0.name == name }) else {
      throw FormatFault("\(place).\(name)", "is missing")
    }
    return field.type
  }
}

/// The types that numbers have in memory, and may have on disk.
package enum NumberType: Sendable {
  case int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64
}

/// Element types that a tree reads and writes, for any type on disk.
package protocol StoredNumber: BitwiseCopyable {
  static var numberType: NumberType { get }
  /// The nearest value of this type. For a type of whole numbers it rounds towards zero, within the
  /// range, and NaN becomes 0.
  static func nearest(to value: Double) -> Self
  static func nearest(to value: some FixedWidthInteger) -> Self
  /// Writes the values of a range of `bytes`, which hold numbers of `type`, as this type into
  /// `target` from `place` on.
  static func convert(
    _ range: Range<Int>, of bytes: Buffer<UInt8>, as type: NumberType,
    to target: inout Buffer<Self>, at place: Int)
}

extension StoredNumber where Self: FixedWidthInteger {
  package static func nearest(to value: Double) -> Self {
    if value.isNaN { return 0 }
    return Self(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max)
  }
  package static func nearest(to value: some FixedWidthInteger) -> Self { Self(clamping: value) }
}

extension StoredNumber where Self: BinaryFloatingPoint {
  package static func nearest(to value: Double) -> Self { Self(value) }
  package static func nearest(to value: some FixedWidthInteger) -> Self { Self(value) }
}

extension Float: StoredNumber { package static var numberType: NumberType { .float32 } }
extension Double: StoredNumber { package static var numberType: NumberType { .float64 } }
extension Int: StoredNumber { package static var numberType: NumberType { .int64 } }
extension Int32: StoredNumber { package static var numberType: NumberType { .int32 } }
extension Int16: StoredNumber { package static var numberType: NumberType { .int16 } }
extension Int8: StoredNumber { package static var numberType: NumberType { .int8 } }
extension UInt64: StoredNumber { package static var numberType: NumberType { .uint64 } }
extension UInt32: StoredNumber { package static var numberType: NumberType { .uint32 } }
extension UInt16: StoredNumber { package static var numberType: NumberType { .uint16 } }
extension UInt8: StoredNumber { package static var numberType: NumberType { .uint8 } }
