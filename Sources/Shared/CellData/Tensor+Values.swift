import Tensors

/// Element types that a tensor stores without conversion.
package protocol TensorElement: BitwiseCopyable, Sendable {
  static var tensorElementType: Tensor.ElementType { get }
}
extension UInt8: TensorElement {
  package static var tensorElementType: Tensor.ElementType { .uint8 }
}
extension UInt16: TensorElement {
  package static var tensorElementType: Tensor.ElementType { .uint16 }
}
extension Int32: TensorElement {
  package static var tensorElementType: Tensor.ElementType { .int32 }
}
extension UInt32: TensorElement {
  package static var tensorElementType: Tensor.ElementType { .uint32 }
}
extension Int: TensorElement { package static var tensorElementType: Tensor.ElementType { .int64 } }
extension UInt64: TensorElement {
  package static var tensorElementType: Tensor.ElementType { .uint64 }
}
extension Float: TensorElement {
  package static var tensorElementType: Tensor.ElementType { .float32 }
}
extension Double: TensorElement {
  package static var tensorElementType: Tensor.ElementType { .float64 }
}

extension Tensor {
  /// Values with a shape, one dimension unless another is given.
  package init<Element: TensorElement>(_ values: Buffer<Element>, shape: [Int]? = nil) {
    self.init(
      elementType: Element.tensorElementType, shape: shape ?? [values.count],
      bytes: values.reinterpreted(as: UInt8.self))
  }

  package init<Element: TensorElement>(_ values: [Element], shape: [Int]? = nil) {
    self.init(Buffer(values), shape: shape)
  }

  package init<Element: TensorElement>(_ matrix: Matrix<Element>) {
    self.init(matrix.elements, shape: [matrix.rows, matrix.columns])
  }

  /// The elements as stored, without a copy; nil if they are of another type.
  package func values<Element: TensorElement>(_ type: Element.Type) -> Buffer<Element>? {
    guard elementType == Element.tensorElementType else { return nil }
    return bytes.reinterpreted(as: Element.self)
  }

  /// A tensor of rank 2 as a matrix; nil if it is of another type or rank.
  package func matrix<Element: TensorElement>(_ type: Element.Type) -> Matrix<Element>? {
    guard shape.count == 2, let elements = values(type) else { return nil }
    return Matrix(rows: shape[0], columns: shape[1], elements: elements)
  }

  /// The elements converted to Double, from any stored type.
  package var numbers: [Double] {
    func converted<T: BinaryInteger & BitwiseCopyable>(_ type: T.Type) -> [Double] {
      bytes.reinterpreted(as: type).map { Double($0) }
    }
    switch elementType {
    case .bool, .uint8: return converted(UInt8.self)
    case .int8: return converted(Int8.self)
    case .uint16: return converted(UInt16.self)
    case .int16: return converted(Int16.self)
    case .uint32: return converted(UInt32.self)
    case .int32: return converted(Int32.self)
    case .uint64: return converted(UInt64.self)
    case .int64: return converted(Int.self)
    case .float16: return bytes.reinterpreted(as: UInt16.self).map { Double(Float(half: $0)) }
    case .bfloat16:
      return bytes.reinterpreted(as: UInt16.self).map {
        Double(Float(bitPattern: UInt32($0) << 16))
      }
    case .float32: return bytes.reinterpreted(as: Float.self).map(Double.init)
    case .float64: return Array(bytes.reinterpreted(as: Double.self))
    }
  }
}

extension Float {
  /// The value of an IEEE half: 1 sign, 5 exponent, 10 fraction bits.
  init(half bits: UInt16) {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let fraction = Float(bits & 0x3FF)
    switch (bits >> 10) & 0x1F {
    case 0: self = sign * fraction * 0x1p-24
    case 31: self = fraction == 0 ? sign * .infinity : .nan
    case let exponent:
      self =
        sign * Float(sign: .plus, exponent: Int(exponent) - 15, significand: 1 + fraction / 1024)
    }
  }
}
