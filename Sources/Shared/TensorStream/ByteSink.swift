import Glibc

/// Where a stream is written: bytes in their order.
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

/// A sink over an open descriptor: short writes are continued, interrupted ones repeated. Closing is the owner's business.
package final class DescriptorSink: ByteSink {
  private let descriptor: Int32
  /// The number of bytes written so far.
  package private(set) var byteCount = 0

  package init(descriptor: Int32) { self.descriptor = descriptor }

  package func write(_ bytes: RawSpan) throws {
    try unsafe bytes.withUnsafeBytes { raw in
      var rest = unsafe raw
      while unsafe !rest.isEmpty {
        // SAFETY: the call reads at most the bytes of `rest`, which lie inside the span.
        let count = unsafe Glibc.write(descriptor, rest.baseAddress, min(rest.count, 1 << 30))
        if count < 0 {
          let code = errno
          if code == EINTR { continue }
          guard code == EAGAIN else {
            throw StreamFault.system("write", errno: code, at: byteCount)
          }
          awaitReadiness(descriptor, for: Int32(POLLOUT))
          continue
        }
        byteCount += count
        unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      }
    }
  }
}
