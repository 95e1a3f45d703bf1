import Glibc
import Tensors

/// Reads an open file front to back and counts its offset. Memory is taken as bytes arrive, never
/// because a header claims them.
struct DescriptorReader {
  private let file: Descriptor
  /// Bytes that were read ahead and not yet taken.
  private var pending: Buffer<UInt8>
  private var room = Buffer<UInt8>(uninitializedCount: Self.roomSize)
  /// The number of bytes taken so far.
  private(set) var offset = 0

  private static let roomSize = 64 << 10
  /// The bytes allocated before the first byte of a large tensor has arrived; doubled whenever they
  /// are full.
  private static let firstPiece = 1 << 20
  /// The most that one system call is asked for.
  private static let largestPiece = 64 << 20

  /// `prefix` holds bytes that were taken off the file before.
  init(_ file: Descriptor, prefix: [UInt8]) {
    self.file = file
    self.pending = Buffer(prefix)
  }

  /// The next `count` bytes. If the input ends before them, the fault names its end and what is
  /// missing.
  mutating func take(_ count: Int, for what: @autoclosure () -> String) throws -> Buffer<UInt8> {
    let taken =
      if count <= Self.firstPiece { try takeSmall(count) } else if SpooledMemory.holds(count) {
        try takeSpooled(count)
      } else { try takeLarge(count) }
    offset += taken.count
    if taken.count < count {
      throw StreamFault.cut(at: offset, missing: count - taken.count, of: what())
    }
    return taken
  }

  /// Makes sure that nothing follows.
  mutating func expectEnd() throws {
    if try !takeSmall(1).isEmpty { throw StreamFault.trailing(at: offset) }
  }

  private mutating func takeSmall(_ count: Int) throws -> Buffer<UInt8> {
    var bytes = Buffer<UInt8>(uninitializedCount: count)
    // SAFETY: no other reference to `bytes` exists, and it holds `count` bytes.
    let target = unsafe UnsafeMutableRawPointer(bytes.mutablePointer())
    let filled = try unsafe fill(target, count)
    return filled == count ? bytes : bytes.slice(0..<filled)
  }

  /// Into a file: claimed bytes take room on a disk, and memory only as they arrive.
  private mutating func takeSpooled(_ count: Int) throws -> Buffer<UInt8> {
    var bytes = Buffer<UInt8>(spooledCount: count)
    // SAFETY: no other reference to `bytes` exists, and it holds `count` bytes.
    let target = unsafe UnsafeMutableRawPointer(bytes.mutablePointer())
    var filled = 0
    while filled < count {
      let wanted = min(count - filled, Self.largestPiece)
      let read = try unsafe fill(target + filled, wanted)
      filled += read
      if read < wanted { break }
      SpooledMemory.trim()
    }
    return filled == count ? bytes : bytes.slice(0..<filled)
  }

  private mutating func takeLarge(_ count: Int) throws -> Buffer<UInt8> {
    var capacity = Self.firstPiece
    // SAFETY: the block grows before anything is read beyond it, and is freed here or by the buffer
    // that takes it over.
    guard var block = unsafe malloc(capacity) else { throw noMemory(capacity) }
    var filled = 0
    while true {
      do {
        let wanted = min(capacity - filled, Self.largestPiece)
        let read = try unsafe fill(block + filled, wanted)
        filled += read
        if read < wanted || filled == count { break }
      } catch {
        unsafe free(block)
        throw error
      }
      guard filled == capacity else { continue }
      capacity = min(count, 2 * capacity)
      guard let larger = unsafe realloc(block, capacity) else {
        unsafe free(block)
        throw noMemory(capacity)
      }
      unsafe block = larger
    }
    let owned = unsafe block
    return unsafe Buffer(owned.assumingMemoryBound(to: UInt8.self), count: filled) {
      unsafe free(owned)
    }
  }

  private func noMemory(_ bytes: Int) -> StreamFault {
    StreamFault(
      kind: .noMemory, place: "offset \(offset)", problem: "no memory for \(bytes) bytes",
      remedy: "free or allow more memory")
  }

  /// Reads until `count` bytes are there or the input ends; returns how many are.
  @unsafe private mutating func fill(_ target: UnsafeMutableRawPointer, _ count: Int) throws -> Int
  {
    var filled = 0
    while filled < count {
      if pending.isEmpty {
        // SAFETY: `target` holds `count` bytes.
        let wanted = count - filled
        if wanted >= Self.roomSize {
          let read = try unsafe readOnce(target + filled, wanted, at: offset + filled)
          if read == 0 { break }
          filled += read
          continue
        }
        pending = Buffer(uninitializedCount: 0)
        let read = try unsafe readOnce(
          UnsafeMutableRawPointer(room.mutablePointer()), Self.roomSize, at: offset + filled)
        if read == 0 { break }
        pending = room.slice(0..<read)
      }
      let step = min(pending.count, count - filled)
      // SAFETY: `step` is within both; a fresh or read-ahead block never overlaps the target.
      unsafe memcpy(target + filled, pending.pointer, step)
      pending = pending.slice(step..<pending.count)
      filled += step
    }
    return filled
  }

  /// One read; 0 at the end of the input.
  @unsafe private func readOnce(_ target: UnsafeMutableRawPointer, _ count: Int, at offset: Int)
    throws -> Int
  {
    do throws(SystemError) {
      // SAFETY: the caller's `target` holds `count` bytes.
      return try unsafe file.read(into: target, count)
    } catch { throw StreamFault.system("read", error, at: offset) }
  }
}
