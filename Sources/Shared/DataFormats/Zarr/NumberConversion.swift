// The numbers of an unpacked chunk, in the type that is asked for. Each pair of types has its own
// loop: `StoredNumber.convert` is a requirement, so that the compiler makes it for every type.

import Tensors

extension StoredNumber {
  package static func convert(
    _ range: Range<Int>, of bytes: Buffer<UInt8>, as type: NumberType,
    to target: inout Buffer<Self>, at place: Int
  ) {
    switch type {
    case .int8: convert(whole: bytes.reinterpreted(as: Int8.self), range, &target, place)
    case .int16: convert(whole: bytes.reinterpreted(as: Int16.self), range, &target, place)
    case .int32: convert(whole: bytes.reinterpreted(as: Int32.self), range, &target, place)
    case .int64: convert(whole: bytes.reinterpreted(as: Int.self), range, &target, place)
    case .uint8: convert(whole: bytes, range, &target, place)
    case .uint16: convert(whole: bytes.reinterpreted(as: UInt16.self), range, &target, place)
    case .uint32: convert(whole: bytes.reinterpreted(as: UInt32.self), range, &target, place)
    case .uint64: convert(whole: bytes.reinterpreted(as: UInt64.self), range, &target, place)
    case .float32: convert(real: bytes.reinterpreted(as: Float.self), range, &target, place)
    case .float64: convert(real: bytes.reinterpreted(as: Double.self), range, &target, place)
    }
  }

  @inline(__always)
  private static func convert<Source: FixedWidthInteger & BitwiseCopyable>(
    whole source: Buffer<Source>, _ range: Range<Int>, _ target: inout Buffer<Self>, _ place: Int
  ) {
    if let same = source as? Buffer<Self> { return target.copy(range, of: same, to: place) }
    let (values, offset) = (source.span, place - range.lowerBound)
    var result = target.mutableSpan
    for k in range { result[offset + k] = nearest(to: values[k]) }
  }

  @inline(__always)
  private static func convert<Source: BinaryFloatingPoint & BitwiseCopyable>(
    real source: Buffer<Source>, _ range: Range<Int>, _ target: inout Buffer<Self>, _ place: Int
  ) {
    if let same = source as? Buffer<Self> { return target.copy(range, of: same, to: place) }
    let (values, offset) = (source.span, place - range.lowerBound)
    var result = target.mutableSpan
    for k in range { result[offset + k] = nearest(to: Double(values[k])) }
  }
}
