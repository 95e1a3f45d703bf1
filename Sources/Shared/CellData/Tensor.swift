import Tensors

/// An array of any rank and element type with its bytes, little-endian and in C order: how values
/// that no table holds travel.
package struct Tensor: Sendable, Equatable {
  /// The element types of the stream (safetensors' names).
  package enum ElementType: String, Sendable, CaseIterable {
    case bool = "BOOL"
    case uint8 = "U8"
    case int8 = "I8"
    case uint16 = "U16"
    case int16 = "I16"
    case uint32 = "U32"
    case int32 = "I32"
    case uint64 = "U64"
    case int64 = "I64"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case float32 = "F32"
    case float64 = "F64"

    /// Bytes an element.
    package var size: Int {
      switch self {
      case .bool, .uint8, .int8: 1
      case .uint16, .int16, .float16, .bfloat16: 2
      case .uint32, .int32, .float32: 4
      case .uint64, .int64, .float64: 8
      }
    }
  }

  package var elementType: ElementType
  package var shape: [Int]
  /// `elementType.size` bytes an element.
  package var bytes: Buffer<UInt8>

  package init(elementType: ElementType, shape: [Int], bytes: Buffer<UInt8>) {
    precondition(
      bytes.count == shape.reduce(elementType.size, *),
      "\(bytes.count) bytes for \(elementType.rawValue) of shape \(shape)")
    self.elementType = elementType
    self.shape = shape
    self.bytes = bytes
  }

  /// The number of elements.
  package var count: Int { shape.reduce(1, *) }
}
