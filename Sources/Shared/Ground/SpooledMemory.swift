// Memory for arrays of the size of whole data sets, such as the counts of all genes of a million
// cells. It is in a file without a name, and the system keeps only the pages in use in memory.
// After each tile of work pages are released if they are more than `residentLimit`.

import Glibc
import Synchronization

/// Large buffers in files instead of memory. A stage installs a source of files; without one every
/// buffer is in memory.
package enum SpooledMemory {
  /// Returns an empty file; nil if there is none.
  package typealias FileSource = @Sendable () -> Descriptor?

  /// The bytes of spooled pages that may stay in memory between two tiles of work.
  package static let residentLimit = 256 << 20

  private struct Region {
    let address: UInt
    let bytes: Int
  }

  private struct Source {
    let least: Int
    let room: Int
    let file: FileSource
  }

  private static let source = Mutex<Source?>(nil)
  private static let regions = Mutex<[Region]>([])
  /// Whether there are regions. Most programs only read this.
  private static let isUsed = Atomic<Bool>(false)
  /// The resident bytes of mapped files after the last release.
  private static let floor = Atomic<Int>(0)

  /// The largest number of buffers of one size that a stage has at a time.
  private static let buffersOfASize = 6

  /// Installs a source of files for buffers of at least `least` bytes. `room` is the number of
  /// bytes that they may have.
  package static func install(from least: Int, room: Int, file: @escaping FileSource) {
    source.withLock { $0 = Source(least: least, room: room, file: file) }
  }

  private static func source(of bytes: Int) -> Source? {
    source.withLock { source in
      guard let source, bytes >= source.least, bytes <= source.room / buffersOfASize else {
        return nil
      }
      return source
    }
  }

  /// Whether a buffer of that many bytes will be in a file.
  package static func holds(_ bytes: Int) -> Bool { source(of: bytes) != nil }

  /// The bytes that a buffer of that many bytes adds to the memory of the process.
  package static func residentBytes(of bytes: Int) -> Int {
    holds(bytes) ? min(bytes, residentLimit) : bytes
  }

  /// Releases pages of spooled buffers if more than `residentLimit` bytes are in memory. Any thread
  /// may call it at any time: released values are read from the file again.
  package static func trim() {
    guard isUsed.load(ordering: .relaxed) else { return }
    let resident = mappedBytes
    guard resident - floor.load(ordering: .relaxed) > residentLimit else { return }
    regions.withLock { regions in
      for region in regions {
        // SAFETY: a shared mapping that lives while it is listed; its file holds the written
        // values.
        unsafe madvise(
          UnsafeMutableRawPointer(bitPattern: region.address), region.bytes, MADV_DONTNEED)
      }
    }
    floor.store(mappedBytes, ordering: .relaxed)
  }

  /// An address of that many bytes in a file; nil if the buffer will be in memory.
  fileprivate static func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
    guard let file = source(of: bytes)?.file(), posix_fallocate(file.number, 0, bytes) == 0
    else { return nil }
    // SAFETY: a new shared mapping of a file that is used nowhere else.
    let base = unsafe mmap(
      nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file.number, 0)
    guard let base = unsafe base, unsafe base != UnsafeMutableRawPointer(bitPattern: -1) else {
      return nil
    }
    regions.withLock { $0.append(Region(address: UInt(bitPattern: base), bytes: bytes)) }
    isUsed.store(true, ordering: .relaxed)
    return unsafe base
  }

  fileprivate static func unmap(_ base: UnsafeMutableRawPointer, _ bytes: Int) {
    regions.withLock { regions in
      regions.removeAll { $0.address == UInt(bitPattern: base) }
      isUsed.store(!regions.isEmpty, ordering: .relaxed)
      // SAFETY: the mapping of `map`, which is released with its last buffer.
      unsafe munmap(base, bytes)
    }
  }

  /// The resident bytes of mapped files, from /proc/self/statm; 0 if that cannot be read.
  private static var mappedBytes: Int {
    let text = (try? statm?.read(upTo: 256, at: 0)) ?? []
    let fields = text.split(separator: UInt8(ascii: " ")).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard fields.count > 2, let pages = Int(fields[2]) else { return 0 }
    return pages * sysconf(Int32(_SC_PAGESIZE))
  }

  private static let statm = try? Descriptor.open(
    name: Array("/proc/self/statm".utf8) + [0], O_RDONLY)
}

extension Buffer {
  /// Allocates `count` elements without setting them. A large buffer is in a file if a stage has
  /// installed a source.
  package init(spooledCount count: Int) {
    precondition(count >= 0, "a buffer of \(count) elements")
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard !overflow, let base = unsafe SpooledMemory.map(bytes) else {
      self.init(uninitializedCount: count)
      return
    }
    // SAFETY: the mapping has room for `count` elements, at the alignment of a page.
    unsafe self.init(base.bindMemory(to: Element.self, capacity: count), count: count) {
      unsafe SpooledMemory.unmap(base, bytes)
    }
  }
}
