import CHDF5

/// Element types that HDF5 converts to and from, whatever stands on disk.
package protocol HDF5Number: BitwiseCopyable {
  /// The library's identifier of the type in memory.
  static var nativeType: hid_t { get }
}
extension Float: HDF5Number { package static var nativeType: hid_t { sc_native_float() } }
extension Double: HDF5Number { package static var nativeType: hid_t { sc_native_double() } }
extension Int: HDF5Number { package static var nativeType: hid_t { sc_native_int64() } }
extension Int32: HDF5Number { package static var nativeType: hid_t { sc_native_int32() } }
extension Int16: HDF5Number { package static var nativeType: hid_t { sc_native_int16() } }
extension Int8: HDF5Number { package static var nativeType: hid_t { sc_native_int8() } }
extension UInt64: HDF5Number { package static var nativeType: hid_t { sc_native_uint64() } }
extension UInt32: HDF5Number { package static var nativeType: hid_t { sc_native_uint32() } }
extension UInt16: HDF5Number { package static var nativeType: hid_t { sc_native_uint16() } }
extension UInt8: HDF5Number { package static var nativeType: hid_t { sc_native_uint8() } }
