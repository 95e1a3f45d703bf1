// Files by their names, with failing calls reported as faults of this room.

import Glibc
import Tensors

extension FormatFault {
  /// A file that cannot be opened.
  static func opening(_ error: SystemError) -> FormatFault {
    FormatFault("", "cannot be opened: \(error.text)", "check the name", kind: .noInput)
  }

  /// A file that fails under the reader.
  static func reading(_ error: SystemError) -> FormatFault {
    FormatFault("", "cannot be read: \(error.text)", "check the disk", kind: .inputOutput)
  }
}

extension FileStatus {
  /// The status of a file or folder that can be read. Throws `noInput` if there is nothing to read.
  init(reading path: String) throws(FormatFault) {
    let name = Array(path.utf8)
    do throws(SystemError) {
      try self.init(name: name)
      try requireAccess(name, R_OK)
    } catch { throw .opening(error) }
  }

  /// The names in a directory, sorted. Hidden ones are passed over unless they are asked for. An
  /// example is the `._NAME` that macOS writes for every file on other disks.
  static func names(inDirectory path: String, hidden: Bool = false) throws -> [String] {
    // SAFETY: the path ends with a zero byte; the stream is closed below.
    guard let stream = unsafe opendir(path) else { throw FormatFault.opening(.last) }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    // SAFETY: an entry is valid until the next call; its name ends with a zero byte.
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(validatingCString: $0)
        }
      }
      guard let name, name != ".", name != "..", hidden || !name.hasPrefix(".") else { continue }
      names.append(name)
    }
    return names.sorted()
  }
}

extension Descriptor {
  /// Opens a file to read it. Throws `noInput`.
  static func reading(_ path: String) throws(FormatFault) -> Descriptor {
    do throws(SystemError) {
      return try open(name: Array(path.utf8), O_RDONLY)
    } catch { throw .opening(error) }
  }

  /// The first `count` bytes of a file, or `count` bytes from `offset` on; fewer at its end.
  static func bytes(of path: String, _ count: Int, at offset: Int = 0) throws(FormatFault)
    -> [UInt8]
  {
    let file = try reading(path)
    do throws(SystemError) { return try file.read(count, at: offset) } catch {
      throw .reading(error)
    }
  }

  /// One read into `target` from its element `start` on; 0 at the end of the file.
  func fill(_ target: inout Buffer<UInt8>, from start: Int) throws(FormatFault) -> Int {
    do throws(SystemError) { return try read(into: &target, from: start) } catch {
      throw .reading(error)
    }
  }

  /// The bytes of a range, all of which must be there; faults name `place`.
  func buffer(_ range: Range<Int>, at place: String) throws(FormatFault) -> Buffer<UInt8> {
    var bytes = Buffer<UInt8>(uninitializedCount: range.count)
    var filled = 0
    do throws(SystemError) {
      while filled < range.count {
        // SAFETY: the buffer has room for the remaining bytes.
        let got = try unsafe read(
          into: UnsafeMutableRawPointer(bytes.mutablePointer() + filled), range.count - filled,
          at: range.lowerBound + filled)
        if got == 0 { break }
        filled += got
      }
    } catch {
      throw FormatFault(
        place, "cannot be read: \(error.text)", "check the disk", kind: .inputOutput)
    }
    if filled == range.count { return bytes }
    throw FormatFault(place, "ends before its end", "copy it again: it is damaged")
  }

  /// Replaces the first bytes of a file.
  static func overwriteStart(of path: String, with bytes: [UInt8]) throws(FormatFault) {
    do throws(SystemError) {
      let file = try open(name: Array(path.utf8), O_WRONLY)
      // SAFETY: bytes seen as bytes.
      try unsafe file.write(bytes.span.bytes, at: 0)
    } catch { throw .writing("", error.text) }
  }
}
