import CHDF5

extension NumberType {
  /// The library's identifier of the type in memory.
  var native: hid_t {
    switch self {
    case .int8: sc_native_int8()
    case .int16: sc_native_int16()
    case .int32: sc_native_int32()
    case .int64: sc_native_int64()
    case .uint8: sc_native_uint8()
    case .uint16: sc_native_uint16()
    case .uint32: sc_native_uint32()
    case .uint64: sc_native_uint64()
    case .float32: sc_native_float()
    case .float64: sc_native_double()
    }
  }
}

extension StoredNumber {
  /// The library's identifier of the type in memory.
  static var nativeType: hid_t { numberType.native }
}
