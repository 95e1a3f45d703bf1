import Glibc
import Tensors

/// What the system says about a path.
struct FileStatus {
  let byteCount: Int
  let isDirectory: Bool

  /// Throws `noInput` where there is nothing to be read.
  init(_ path: String) throws {
    var status = stat()
    // SAFETY: the path ends with a zero byte, and `status` is written by the call.
    guard unsafe stat(path, &status) == 0 else { throw FileStatus.fault(errno) }
    // SAFETY: as above.
    guard unsafe access(path, R_OK) == 0 else { throw FileStatus.fault(errno) }
    isDirectory = status.st_mode & S_IFMT == S_IFDIR
    byteCount = Int(status.st_size)
  }

  /// The fault for a path that cannot be opened.
  static func fault(_ code: Int32) -> FormatFault {
    // SAFETY: strerror gives a text that ends with a zero byte and is copied at once.
    let reason = unsafe String(cString: strerror(code))
    return FormatFault("", "cannot be opened: \(reason)", "check the name", kind: .noInput)
  }
}
