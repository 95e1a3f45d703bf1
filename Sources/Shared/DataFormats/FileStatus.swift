import Glibc
import Tensors

/// What the system says about a path.
struct FileStatus {
  let byteCount: Int
  let isDirectory: Bool
  let isRegularFile: Bool
  /// Whether the file has a name in some folder: one that only an open descriptor leads to has none.
  let hasName: Bool

  /// Throws `noInput` where there is nothing to be read.
  init(_ path: String) throws {
    var status = stat()
    // SAFETY: the path ends with a zero byte, and `status` is written by the call.
    guard unsafe stat(path, &status) == 0 else { throw FileStatus.fault(errno) }
    // SAFETY: as above.
    guard unsafe access(path, R_OK) == 0 else { throw FileStatus.fault(errno) }
    isDirectory = status.st_mode & S_IFMT == S_IFDIR
    isRegularFile = status.st_mode & S_IFMT == S_IFREG
    byteCount = Int(status.st_size)
    hasName = status.st_nlink > 0
  }

  /// The fault for a path that cannot be opened.
  static func fault(_ code: Int32) -> FormatFault {
    FormatFault(
      "", "cannot be opened: \(systemMessage(code))", "check the name", kind: .noInput)
  }

  /// The names in a directory, sorted; hidden ones are passed over, such as the `._NAME` that macOS puts beside every file on other disks.
  static func names(inDirectory path: String) throws -> [String] {
    // SAFETY: the path ends with a zero byte; the stream is closed below.
    guard let stream = unsafe opendir(path) else { throw fault(errno) }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    // SAFETY: an entry is valid until the next call; its name ends with a zero byte.
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(validatingCString: $0)
        }
      }
      if let name, !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}

/// What the system's error number means.
func systemMessage(_ code: Int32) -> String {
  // SAFETY: strerror gives a text that ends with a zero byte and is copied at once.
  unsafe String(cString: strerror(code))
}

/// An open file, closed with its last owner.
final class FileDescriptor {
  let raw: Int32

  init(reading path: String) throws {
    // SAFETY: the path ends with a zero byte.
    raw = unsafe open(path, O_RDONLY | O_CLOEXEC)
    if raw < 0 { throw FileStatus.fault(errno) }
  }

  deinit { close(raw) }

  /// Reads into `target` from its element `start` on; 0 at the end of the file.
  func read(into target: inout Buffer<UInt8>, from start: Int) throws -> Int {
    let room = target.count - start
    precondition(start >= 0 && room >= 0, "reading past a buffer")
    while true {
      // SAFETY: the buffer has `room` bytes from `start` on.
      let got = unsafe Glibc.read(raw, target.mutablePointer() + start, room)
      if got >= 0 { return got }
      if errno != EINTR { throw fault(errno) }
    }
  }

  /// The `count` bytes at `offset`; fewer at the end of the file.
  func read(_ count: Int, at offset: Int) throws -> [UInt8] {
    var target = Buffer<UInt8>(repeating: 0, count: count)
    var filled = 0
    while filled < count {
      // SAFETY: the buffer has `count - filled` bytes from `filled` on.
      let got = unsafe pread(
        raw, target.mutablePointer() + filled, count - filled, offset + filled)
      if got < 0 && errno == EINTR { continue }
      if got < 0 { throw fault(errno) }
      if got == 0 { break }
      filled += got
    }
    return Array(target.prefix(filled))
  }

  /// Replaces the first bytes of a file.
  static func overwriteStart(of path: String, with bytes: [UInt8]) throws {
    // SAFETY: the path ends with a zero byte.
    let raw = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard raw >= 0 else { throw FormatFault.writing("", systemMessage(errno)) }
    defer { close(raw) }
    let source = Buffer(bytes)
    var done = 0
    while done < source.count {
      // SAFETY: the buffer has `count - done` bytes from `done` on.
      let put = unsafe pwrite(raw, source.pointer + done, source.count - done, done)
      if put < 0 && errno == EINTR { continue }
      guard put > 0 else { throw FormatFault.writing("", systemMessage(errno)) }
      done += put
    }
  }

  private func fault(_ code: Int32) -> FormatFault {
    FormatFault(
      "", "cannot be read: \(systemMessage(code))", "check the disk", kind: .inputOutput)
  }
}
