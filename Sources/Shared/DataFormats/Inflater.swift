import CZlib
import Tensors

/// zlib's decoder.
@safe final class Inflater {
  /// What the packed bytes are wrapped in.
  enum Container: Int32 {
    /// The number is zlib's: window bits, and 16 for gzip.
    case gzip = 31
    /// As HDF5 packs its chunks.
    case zlib = 15
    /// Nothing, as in zip archives.
    case bare = -15
  }

  private let stream: UnsafeMutablePointer<z_stream>

  init(_ container: Container) throws {
    // SAFETY: zlib keeps the stream's address, so it must not move: it is allocated here and freed
    // in deinit.
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    let status = unsafe inflateInit2_(
      stream, container.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      throw FormatFault("", "no memory for unpacking", "use a larger machine", kind: .noMemory)
    }
  }

  deinit {
    // SAFETY: `stream` was set up in init and is used no more.
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Begins with a new member.
  func reset() throws {
    // SAFETY: the stream is set up.
    guard unsafe inflateReset(stream) == Z_OK else {
      throw FormatFault("", "the packed data cannot be read", "copy it again")
    }
  }

  /// Unpacks some of `range` of `source` into `target` from element `start` on, up to `end` (its
  /// own if nil).
  func unpack(
    _ source: Buffer<UInt8>, _ range: Range<Int>, into target: inout Buffer<UInt8>, from start: Int,
    upTo end: Int? = nil
  ) throws -> (taken: Int, given: Int, isMemberDone: Bool) {
    let end = end ?? target.count
    let room = min(end - start, Int(UInt32.max))
    precondition(range.lowerBound >= 0 && range.upperBound <= source.count)
    precondition(room > 0 && end <= target.count)
    // SAFETY: both runs of bytes are inside their buffers, which live through the call.
    unsafe stream.pointee.next_in = UnsafeMutablePointer(
      mutating: source.pointer + range.lowerBound)
    unsafe stream.pointee.avail_in = UInt32(clamping: range.count)
    unsafe stream.pointee.next_out = target.mutablePointer() + start
    unsafe stream.pointee.avail_out = UInt32(room)
    let status = unsafe inflate(stream, Z_NO_FLUSH)
    guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
      let reason = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
      throw FormatFault(
        "", "the packed data is damaged (\(reason ?? "status \(status)"))", "copy it again")
    }
    return (
      Int(UInt32(clamping: range.count) - (unsafe stream.pointee.avail_in)),
      room - Int(unsafe stream.pointee.avail_out), status == Z_STREAM_END
    )
  }
}
