// Open files. All reads and writes of this project go through this file. Short ones are continued
// and interrupted ones repeated. If the other end of a pipe is not ready, they wait for it.

import Glibc
import Synchronization

/// An open file, closed with its last owner.
package final class Descriptor: Sendable {
  package let number: Int32
  private let isOwned: Bool
  private let isClosed = Atomic(false)

  package init(_ number: Int32, isOwned: Bool = true) {
    self.number = number
    self.isOwned = isOwned
  }

  deinit { if isOwned && !isClosed.load(ordering: .relaxed) { Glibc.close(number) } }

  /// Opens a file by its name; a relative name is relative to `folder`.
  package static func open(
    name: [UInt8], in folder: Int32 = AT_FDCWD, _ flags: Int32, mode: mode_t = 0o666
  ) throws(SystemError) -> Descriptor {
    // SAFETY: the name ends in zero.
    let number = unsafe withCName(name) { unsafe openat(folder, $0, flags | O_CLOEXEC, mode) }
    guard number >= 0 else { throw .last }
    return Descriptor(number)
  }

  /// Closes the file. Errors of delayed writes are thrown here.
  package func close() throws(SystemError) {
    if isClosed.exchange(true, ordering: .relaxed) { return }
    if Glibc.close(number) != 0 && errno != EINTR { throw .last }
  }

  /// Whether the next byte to read is the file's first; false for pipes.
  package var isAtStart: Bool { lseek(number, 0, SEEK_CUR) == 0 }

  /// One read of up to `count` bytes, from `offset` on or from the file's position; 0 at its end.
  @unsafe package func read(
    into target: UnsafeMutableRawPointer?, _ count: Int, at offset: Int? = nil
  ) throws(SystemError) -> Int {
    while true {
      // SAFETY: the caller guarantees `count` bytes at `target`.
      let got =
        if let offset { unsafe pread(number, target, count, offset) } else {
          unsafe Glibc.read(number, target, count)
        }
      if got >= 0 { return got }
      if !canRetry(for: POLLIN) { throw .last }
    }
  }

  /// Up to `count` bytes by one read; no bytes at the end of the file. With an `offset`, the file's
  /// position does not move.
  package func read(upTo count: Int, at offset: Int? = nil) throws(SystemError) -> [UInt8] {
    var failure: SystemError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(SystemError) {
        // SAFETY: the buffer has room for `count` bytes, and only the bytes that were read are
        // kept.
        filled = try unsafe read(into: buffer.baseAddress, count, at: offset)
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The `count` bytes at `offset`, however many reads it takes; fewer at the end of the file.
  package func read(_ count: Int, at offset: Int) throws(SystemError) -> [UInt8] {
    var bytes = try read(upTo: count, at: offset)
    while bytes.count < count {
      let more = try read(upTo: count - bytes.count, at: offset + bytes.count)
      if more.isEmpty { break }
      bytes += more
    }
    return bytes
  }

  /// One read into `target` from its element `start` on; 0 at the end of the file.
  package func read(into target: inout Buffer<UInt8>, from start: Int) throws(SystemError) -> Int {
    let room = target.count - start
    precondition(start >= 0 && room >= 0, "reading past a buffer")
    // SAFETY: the buffer has `room` bytes from `start` on.
    return try unsafe read(into: UnsafeMutableRawPointer(target.mutablePointer() + start), room)
  }

  /// Writes all bytes, however many calls it takes, from `offset` on or from the file's position.
  package func write(_ bytes: RawSpan, at offset: Int? = nil) throws(SystemError) {
    var done = 0
    while done < bytes.byteCount {
      // SAFETY: the span's bytes live through the call, and the range is inside them.
      let put = unsafe bytes.withUnsafeBytes { all in
        let rest = unsafe all.baseAddress.map { unsafe $0 + done }
        let count = min(all.count - done, 1 << 26)
        return if let offset { unsafe pwrite(number, rest, count, offset + done) } else {
          unsafe Glibc.write(number, rest, count)
        }
      }
      if put >= 0 { done += put } else if !canRetry(for: POLLOUT) { throw .last }
      SpooledMemory.trim()
    }
  }

  /// Whether the call that has just failed may be repeated. It may if it was interrupted, or if the
  /// other end was not ready; then this waits until it is.
  private func canRetry(for event: Int32) -> Bool {
    if errno == EINTR { return true }
    guard errno == EAGAIN else { return false }
    var request = pollfd(fd: number, events: Int16(event), revents: 0)
    // SAFETY: one request, which lives through the call.
    return unsafe poll(&request, 1, -1) >= 0 || errno == EINTR
  }
}
