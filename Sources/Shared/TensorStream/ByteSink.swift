/// The destination of a stream: bytes in their order.
package protocol ByteSink: AnyObject {
  /// Writes all of `bytes` or throws.
  func write(_ bytes: RawSpan) throws
}

extension ByteSink {
  /// Writes all of `bytes` or throws.
  package func write(_ bytes: Span<UInt8>) throws {
    // SAFETY: bytes have no padding, so all of them are set.
    try unsafe write(bytes.bytes)
  }
}
