import Glibc
import Tensors

/// Maps the first `size` bytes of a regular file. The pages are private: writing to the buffer
/// never reaches the file. The mapping ends with the last buffer on it.
///
/// The file's size is compared again right before mapping, so that a file that was cut is refused.
/// If somebody cuts the file *while* it is mapped, the first touch of a missing page still ends the
/// process. No reader of mapped memory can prevent that. Programs that replace a file by renaming a
/// new one over it cannot cause it; ours do so.
func mapFile(_ file: Descriptor, size: Int) throws -> Buffer<UInt8> {
  guard try file.regularSize() == size else {
    throw StreamFault.bytes(
      at: size, "the file changed its size while it was read", remedy: "let its writer finish first"
    )
  }
  // SAFETY: a fresh private mapping; PROT_WRITE lets a uniquely owned buffer be changed in place.
  let base = unsafe mmap(
    nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file.number, 0)
  guard let base = unsafe base, unsafe base != UnsafeMutableRawPointer(bitPattern: -1) else {
    throw StreamFault.system("mmap", .last, at: 0)
  }
  return unsafe Buffer(base.assumingMemoryBound(to: UInt8.self), count: size) {
    unsafe munmap(base, size)
  }
}

/// Gives back the memory of a mapping that nothing was written to. The file is read again when the
/// pages are used.
func releaseMappedPages(_ mapping: Buffer<UInt8>) {
  // SAFETY: the pages come from `mapFile`; unwritten ones hold what the file holds.
  unsafe madvise(
    UnsafeMutableRawPointer(mutating: mapping.pointer), mapping.count, MADV_DONTNEED)
}

extension Descriptor {
  /// The size of a regular file; nil for pipes, terminals, sockets, folders.
  func regularSize() throws -> Int? {
    do throws(SystemError) {
      let status = try status()
      return status.isRegular ? status.size : nil
    } catch { throw StreamFault.system("fstat", error, at: 0) }
  }
}
