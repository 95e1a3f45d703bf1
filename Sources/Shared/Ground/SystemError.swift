import Glibc

/// The error of a failed system call.
package struct SystemError: Error {
  package let code: Int32

  package init(code: Int32) { self.code = code }

  /// The error of the call that has just failed.
  package static var last: SystemError { SystemError(code: errno) }

  /// The system's text for it: "No such file or directory".
  package var text: String {
    var bytes = [CChar](repeating: 0, count: 256)
    // SAFETY: at most `bytes.count` characters are written, with a zero at the end.
    guard unsafe strerror_r(code, &bytes, bytes.count) == 0 else { return "error \(code)" }
    return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
