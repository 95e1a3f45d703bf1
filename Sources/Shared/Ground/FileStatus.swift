import Glibc

/// The status of a file.
package struct FileStatus: Sendable {
  package let device: UInt
  package let inode: UInt
  package let mode: mode_t
  package let size: Int
  package let owner: uid_t
  /// The time of the last change of the contents.
  package let changed: timespec
  /// Whether the file has a name in some folder. A file that can be reached only by an open
  /// descriptor has none.
  package let hasName: Bool

  fileprivate init(_ status: stat) {
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
    mode = status.st_mode
    size = Int(status.st_size)
    owner = status.st_uid
    changed = status.st_mtim
    hasName = status.st_nlink > 0
  }

  /// The status of the file that a name leads to; of a link itself if links are not followed.
  package init(name: [UInt8], followingLinks: Bool = true) throws(SystemError) {
    var result = stat()
    // SAFETY: the name ends in zero; the call fills `result`.
    let code = unsafe withCName(name) {
      unsafe followingLinks ? stat($0, &result) : lstat($0, &result)
    }
    guard code == 0 else { throw .last }
    self.init(result)
  }

  private func isType(_ type: mode_t) -> Bool { mode & S_IFMT == type }
  package var isRegular: Bool { isType(S_IFREG) }
  package var isDirectory: Bool { isType(S_IFDIR) }
  package var isLink: Bool { isType(S_IFLNK) }
  package var isSocket: Bool { isType(S_IFSOCK) }
  package var isCharacterDevice: Bool { isType(S_IFCHR) }
}

extension Descriptor {
  package func status() throws(SystemError) -> FileStatus {
    var status = stat()
    // SAFETY: the call fills `status`.
    guard unsafe fstat(number, &status) == 0 else { throw .last }
    return FileStatus(status)
  }
}

/// Checks that this process may read (`R_OK`) or write (`W_OK`) the file. Throws the system's error
/// if not.
package func requireAccess(_ name: [UInt8], _ kind: Int32) throws(SystemError) {
  // SAFETY: the name ends in zero.
  if unsafe withCName(name, { unsafe access($0, kind) }) != 0 { throw .last }
}

/// Calls `body` with a name as a C string.
package func withCName<Result>(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result
{
  let characters = name.map { CChar(bitPattern: $0) } + [0]
  // SAFETY: the characters end in zero and live through the call.
  return unsafe characters.withUnsafeBufferPointer { buffer in
    guard let address = buffer.baseAddress else { preconditionFailure("an empty name") }
    return unsafe body(address)
  }
}
