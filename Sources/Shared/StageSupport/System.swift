// The system calls that a stage makes, each in one small function: pointers go no further than this file.

import CLaunch
import Glibc
import Synchronization

/// What a system call failed with.
struct SystemError: Error {
  let code: Int32

  /// The error of the call that has just failed.
  static var last: SystemError { SystemError(code: errno) }

  /// What the system calls it: "No such file or directory".
  var text: String {
    var bytes = [CChar](repeating: 0, count: 256)
    // SAFETY: at most `bytes.count` characters are written, with a zero at the end.
    guard unsafe strerror_r(code, &bytes, bytes.count) == 0 else { return "error \(code)" }
    return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// What is known of a file.
struct FileStatus {
  let device: UInt
  let inode: UInt
  let mode: mode_t
  let size: Int
  let owner: uid_t
  /// When the contents were last changed.
  let changed: timespec

  fileprivate init(_ status: stat) {
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
    mode = status.st_mode
    size = Int(status.st_size)
    owner = status.st_uid
    changed = status.st_mtim
  }

  private func isType(_ type: mode_t) -> Bool { mode & S_IFMT == type }
  var isRegular: Bool { isType(S_IFREG) }
  var isDirectory: Bool { isType(S_IFDIR) }
  var isLink: Bool { isType(S_IFLNK) }
  var isSocket: Bool { isType(S_IFSOCK) }
  var isCharacterDevice: Bool { isType(S_IFCHR) }

  /// Whether this folder lets a file in it be replaced: one for everybody (/tmp) keeps it to the owners.
  func letsReplace(_ file: FileStatus) -> Bool {
    mode & S_ISVTX == 0 || [owner, file.owner, 0].contains(geteuid())
  }
}

/// An open file, closed with its last owner.
final class Descriptor: Sendable {
  let number: Int32
  private let isOwned: Bool
  private let isClosed = Atomic(false)

  init(_ number: Int32, isOwned: Bool = true) {
    self.number = number
    self.isOwned = isOwned
  }

  deinit { if isOwned && !isClosed.load(ordering: .relaxed) { Glibc.close(number) } }

  static let standardInput = Descriptor(STDIN_FILENO, isOwned: false)
  static let standardOutput = Descriptor(STDOUT_FILENO, isOwned: false)
  static let standardError = Descriptor(STDERR_FILENO, isOwned: false)

  var isTerminal: Bool { isatty(number) == 1 }

  /// The name under which this process can open the same file again.
  var path: String { "/proc/self/fd/\(number)" }

  static func open(_ path: Path, _ flags: Int32, mode: mode_t = 0o666) throws(SystemError)
    -> Descriptor
  {
    try open(path, in: AT_FDCWD, flags, mode: mode)
  }

  static func open(
    _ path: Path, in folder: Int32, _ flags: Int32, mode: mode_t = 0o666
  ) throws(SystemError) -> Descriptor {
    // SAFETY: the name ends in zero.
    let number = unsafe path.withCString { unsafe openat(folder, $0, flags | O_CLOEXEC, mode) }
    guard number >= 0 else { throw .last }
    return Descriptor(number)
  }

  /// Another number for the same open file. Throws EBADF where none is open, EACCES where it cannot be written.
  static func duplicate(_ number: Int32) throws(SystemError) -> Descriptor {
    let flags = fcntl(number, F_GETFL)
    if sc_standard_stream_was_closed(number) { throw SystemError(code: EBADF) }
    if flags < 0 { throw .last }
    if flags & O_ACCMODE == O_RDONLY { throw SystemError(code: EACCES) }
    let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
    if copy < 0 { throw .last }
    return Descriptor(copy)
  }

  func status() throws(SystemError) -> FileStatus {
    var status = stat()
    // SAFETY: `status` is the call's to fill.
    guard unsafe fstat(number, &status) == 0 else { throw .last }
    return FileStatus(status)
  }

  /// Reads up to `count` bytes; none at the end of the file.
  func read(upTo count: Int) throws(SystemError) -> [UInt8] {
    var failure: SystemError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while true {
        // SAFETY: the buffer has room for `count` bytes, and only as many as were read are kept.
        let got = unsafe Glibc.read(number, buffer.baseAddress, count)
        if got < 0 && canRetry(for: POLLIN) { continue }
        if got >= 0 { filled = got } else { failure = .last }
        return
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Reads up to `count` bytes from `offset` of a file on, without moving its own; none at the end.
  func read(upTo count: Int, at offset: Int) throws(SystemError) -> [UInt8] {
    var failure: SystemError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while true {
        // SAFETY: the buffer has room for `count` bytes, and only as many as were read are kept.
        let got = unsafe pread(number, buffer.baseAddress, count, offset)
        if got < 0 && errno == EINTR { continue }
        if got >= 0 { filled = got } else { failure = .last }
        return
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Writes all bytes, however many calls it takes.
  func write(_ bytes: RawSpan) throws(SystemError) {
    var offset = 0
    while offset < bytes.byteCount {
      // SAFETY: the span's bytes live through the call, and the range stays inside them.
      let put = unsafe bytes.withUnsafeBytes { all in
        unsafe Glibc.write(number, all.baseAddress.map { unsafe $0 + offset }, all.count - offset)
      }
      if put >= 0 { offset += put } else if !canRetry(for: POLLOUT) { throw .last }
    }
  }

  /// Whether the call that has just failed may be tried again: it was interrupted, or the other end was not ready (waits until it is).
  private func canRetry(for event: Int32) -> Bool {
    if errno == EINTR { return true }
    guard errno == EAGAIN else { return false }
    var request = pollfd(fd: number, events: Int16(event), revents: 0)
    // SAFETY: one request, which lives through the call.
    return unsafe poll(&request, 1, -1) >= 0 || errno == EINTR
  }

  func synchronize() throws(SystemError) {
    // Pipes and devices cannot be synchronized, and need not be.
    if fsync(number) != 0 && errno != EINVAL && errno != EROFS { throw .last }
  }

  /// Closes the file: errors of writes that were put off show here.
  func close() throws(SystemError) {
    if isClosed.exchange(true, ordering: .relaxed) { return }
    if Glibc.close(number) != 0 && errno != EINTR { throw .last }
  }

  /// What ends the writing of something that is not renamed.
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
    var result = stat()
    // SAFETY: the name ends in zero, `result` is the call's to fill.
    let code = unsafe path.withCString {
      unsafe followingLinks ? stat($0, &result) : lstat($0, &result)
    }
    guard code == 0 else { throw .last }
    return FileStatus(result)
  }

  /// Where a link points.
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

  /// Takes a name away, if it is there.
  static func remove(_ path: Path, in folder: Descriptor) {
    // SAFETY: the name ends in zero.
    _ = unsafe path.withCString { unsafe unlinkat(folder.number, $0, 0) }
  }

  static func isReadable(_ path: Path) -> Bool {
    // SAFETY: the name ends in zero.
    unsafe path.withCString { unsafe access($0, R_OK) } == 0
  }

  /// The name without links, `.` and `..`; nil where nothing is there.
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
    // SAFETY: the name ends in zero.
    unsafe path.withCString { unsafe access($0, W_OK) } == 0
  }
}

/// Whether signals wait because outputs get their names.
func publishing(_ isBegun: Bool) { sc_publishing(isBegun) }

extension Path {
  /// Calls `body` with the name as C has it.
  fileprivate func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    let characters = bytes.map { CChar(bitPattern: $0) } + [0]
    // SAFETY: the characters end in zero and live through the call.
    return unsafe characters.withUnsafeBufferPointer { buffer in
      guard let address = buffer.baseAddress else { preconditionFailure("an empty name") }
      return unsafe body(address)
    }
  }
}
