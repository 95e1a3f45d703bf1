import CellData
import Tensors

extension Tensor {
  /// Numbers of any type as Float; without a copy if they are Float already.
  var floats: Buffer<Float> {
    switch elementType {
    case .float32: bytes.reinterpreted(as: Float.self)
    case .float64: bytes.reinterpreted(as: Double.self).converted { Float($0) }
    case .bool: bytes.converted { $0 == 0 ? 0 : 1 }
    case .uint8: bytes.converted { Float($0) }
    case .int8: bytes.reinterpreted(as: Int8.self).converted { Float($0) }
    case .uint16: bytes.reinterpreted(as: UInt16.self).converted { Float($0) }
    case .int16: bytes.reinterpreted(as: Int16.self).converted { Float($0) }
    case .uint32: bytes.reinterpreted(as: UInt32.self).converted { Float($0) }
    case .int32: bytes.reinterpreted(as: Int32.self).converted { Float($0) }
    case .uint64: bytes.reinterpreted(as: UInt64.self).converted { Float($0) }
    case .int64: bytes.reinterpreted(as: Int.self).converted { Float($0) }
    case .float16, .bfloat16: Buffer(numbers.map { Float($0) })
    }
  }

  /// Whole numbers as Int; nil for other types. Numbers above Int's largest become negative, which
  /// no use of this property allows.
  var integers: Buffer<Int>? {
    switch elementType {
    case .int64: bytes.reinterpreted(as: Int.self)
    case .uint64: bytes.reinterpreted(as: UInt64.self).converted { Int(truncatingIfNeeded: $0) }
    case .uint8: bytes.converted { Int($0) }
    case .int8: bytes.reinterpreted(as: Int8.self).converted { Int($0) }
    case .uint16: bytes.reinterpreted(as: UInt16.self).converted { Int($0) }
    case .int16: bytes.reinterpreted(as: Int16.self).converted { Int($0) }
    case .uint32: bytes.reinterpreted(as: UInt32.self).converted { Int($0) }
    case .int32: bytes.reinterpreted(as: Int32.self).converted { Int($0) }
    case .bool, .float16, .bfloat16, .float32, .float64: nil
    }
  }

  /// A tensor of whole numbers as a column: unsigned if one is above Int's largest.
  var wholeNumbers: Column {
    if elementType == .uint64 {
      let values = bytes.reinterpreted(as: UInt64.self)
      if values.contains(where: { $0 > UInt64(Int.max) }) { return .unsigned(values) }
    }
    return .integer(integers ?? Buffer([]))
  }

  /// Whole numbers as Int32; nil for other types. Numbers that do not fit become −2, which is
  /// neither an index nor a code.
  var narrowIntegers: Buffer<Int32>? {
    switch elementType {
    case .int32: bytes.reinterpreted(as: Int32.self)
    case .uint8: bytes.converted { Int32($0) }
    case .uint16: bytes.reinterpreted(as: UInt16.self).converted { Int32($0) }
    case .uint32: bytes.reinterpreted(as: UInt32.self).converted { Int32(exactly: $0) ?? -2 }
    default: integers?.converted { Int32(exactly: $0) ?? -2 }
    }
  }
}
