// The system calls that only a stage makes, each in one small function. No pointer leaves this
// file.

import CLaunch
import Glibc
import Tensors

extension FileStatus {
  /// Whether this folder lets a file in it be replaced. A shared folder such as /tmp lets only the
  /// owner do so.
  func letsReplace(_ file: FileStatus) -> Bool {
    mode & S_ISVTX == 0 || [owner, file.owner, 0].contains(geteuid())
  }
}

extension Descriptor {
  static let standardInput = Descriptor(STDIN_FILENO, isOwned: false)
  static let standardError = Descriptor(STDERR_FILENO, isOwned: false)

  var isTerminal: Bool { isatty(number) == 1 }

  /// The name under which this process can open the same file again.
  var path: String { "/proc/self/fd/\(number)" }

  static func open(
    _ path: Path, in folder: Int32 = AT_FDCWD, _ flags: Int32, mode: mode_t = 0o666
  ) throws(SystemError) -> Descriptor {
    try open(name: path.bytes, in: folder, flags, mode: mode)
  }

  /// Another number for the same open file. Throws EBADF if none is open, EACCES if it cannot be
  /// written.
  static func duplicate(_ number: Int32) throws(SystemError) -> Descriptor {
    let flags = fcntl(number, F_GETFL)
    if sc_standard_stream_was_closed(number) { throw SystemError(code: EBADF) }
    if flags < 0 { throw .last }
    if flags & O_ACCMODE == O_RDONLY { throw SystemError(code: EACCES) }
    let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
    if copy < 0 { throw .last }
    return Descriptor(copy)
  }

  func synchronize() throws(SystemError) {
    // Pipes and devices cannot be synchronized, and need not be.
    if fsync(number) != 0 && errno != EINVAL && errno != EROFS { throw .last }
  }

  /// Ends the writing of an output that is not renamed.
  func finish() throws(SystemError) {
    if try status().isRegular { try synchronize() }
    try close()
  }

  func setMode(_ mode: mode_t) throws(SystemError) {
    if fchmod(number, mode & 0o7777) != 0 { throw .last }
  }
}

/// Calls on names of files.
enum FileSystem {
  static func status(_ path: Path, followingLinks: Bool = true) throws(SystemError) -> FileStatus {
    try FileStatus(name: path.bytes, followingLinks: followingLinks)
  }

  /// The target of a link.
  static func linkTarget(_ path: Path) throws(SystemError) -> Path {
    var bytes = [CChar](repeating: 0, count: 4096)
    // SAFETY: the name ends in zero, and no more than `bytes` holds is written.
    let length = unsafe path.withCString { unsafe readlink($0, &bytes, bytes.count) }
    guard length >= 0 else { throw .last }
    return Path(bytes: bytes[..<length].map { UInt8(bitPattern: $0) })
  }

  static func rename(_ old: Path, to new: Path, in folder: Descriptor) throws(SystemError) {
    // SAFETY: both names end in zero.
    let code = unsafe old.withCString { from in
      unsafe new.withCString { to in unsafe renameat(folder.number, from, folder.number, to) }
    }
    guard code == 0 else { throw .last }
  }

  /// A second name for a file.
  static func link(_ old: Path, to new: Path, in folder: Descriptor) throws(SystemError) {
    // SAFETY: both names end in zero.
    let code = unsafe old.withCString { from in
      unsafe new.withCString { to in unsafe linkat(folder.number, from, folder.number, to, 0) }
    }
    guard code == 0 else { throw .last }
  }

  /// Exchanges two names, in one step if the file system can.
  static func exchange(_ one: Path, _ other: Path, in folder: Descriptor) throws(SystemError) {
    // SAFETY: both names end in zero.
    let code = unsafe one.withCString { first in
      unsafe other.withCString { second in unsafe sc_exchange(folder.number, first, second) }
    }
    if code == 0 { return }
    guard errno == EINVAL || errno == ENOSYS else { throw .last }
    let third = Path(bytes: one.bytes + Array(".old".utf8))
    try rename(other, to: third, in: folder)
    do throws(SystemError) { try rename(one, to: other, in: folder) } catch {
      try rename(third, to: other, in: folder)
      throw error
    }
    try rename(third, to: one, in: folder)
  }

  static func makeFolder(_ path: Path, in folder: Descriptor) throws(SystemError) {
    // SAFETY: the name ends in zero.
    guard unsafe path.withCString({ unsafe mkdirat(folder.number, $0, 0o777) }) == 0 else {
      throw .last
    }
  }

  /// Removes a file, or a folder with its content, if it exists.
  static func remove(_ path: Path, in folder: Descriptor) {
    // SAFETY: the name ends in zero.
    unsafe path.withCString { unsafe sc_remove(folder.number, $0) }
  }

  static func isReadable(_ path: Path) -> Bool {
    (try? requireAccess(path.bytes, R_OK)) != nil
  }

  /// The name without links, `.` and `..`; nil if nothing has that name.
  static func resolved(_ path: Path) -> Path? {
    unsafe path.withCString { name in
      // SAFETY: the result ends in zero, is copied and freed.
      guard let result = unsafe realpath(name, nil) else { return nil }
      defer { unsafe free(result) }
      return Path(
        bytes: unsafe [UInt8](UnsafeRawBufferPointer(start: result, count: strlen(result))))
    }
  }

  static func isWritable(_ path: Path) -> Bool {
    (try? requireAccess(path.bytes, W_OK)) != nil
  }
}

/// Sets whether signals wait while outputs get their names.
func publishing(_ isBegun: Bool) { sc_publishing(isBegun) }

extension Path {
  /// Calls `body` with the name as a C string.
  fileprivate func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    unsafe withCName(bytes, body)
  }
}
