import Glibc
import Tensors

/// What is wrong with a tensor stream, or with reading or writing one.
package struct StreamFault: Fault {
  package let kind: FaultKind
  /// The byte offset, tensor or metadata key that the fault is about.
  package let place: String
  package let problem: String
  package let remedy: String

  package var description: String { "\(place): \(problem); \(remedy)" }

  package init(kind: FaultKind, place: String, problem: String, remedy: String) {
    self.kind = kind
    self.place = place
    self.problem = problem
    self.remedy = remedy
  }

  /// Bytes that are no tensor stream, at an offset counted from the first byte of the input.
  static func bytes(
    at offset: Int, _ problem: String,
    remedy: String = "the input is damaged, or is not a tensor stream: make it again"
  ) -> StreamFault {
    StreamFault(kind: .badData, place: "offset \(offset)", problem: problem, remedy: remedy)
  }

  /// An input that ends too early.
  static func cut(at offset: Int, missing count: Int, of what: String) -> StreamFault {
    .bytes(
      at: offset,
      "the input ends here, \(count) \(count == 1 ? "byte" : "bytes") before the end of \(what)",
      remedy: "it was cut short: make it again")
  }

  /// An input that continues after the stream.
  static func trailing(at offset: Int) -> StreamFault {
    .bytes(
      at: offset, "bytes after the end of the stream", remedy: "write one stream to a file or pipe")
  }

  /// A tensor whose description or values break the rules.
  static func tensor(
    _ name: String, _ problem: String, remedy: String = "correct the program that wrote the stream"
  ) -> StreamFault {
    StreamFault(
      kind: .badData, place: "tensor \(shown(name))", problem: problem, remedy: remedy)
  }

  /// A metadata text that breaks the rules.
  static func metadata(
    _ key: String, _ problem: String, remedy: String = "correct the program that wrote the stream"
  ) -> StreamFault {
    StreamFault(
      kind: .badData, place: "metadata \(shown(key))", problem: problem, remedy: remedy)
  }

  /// Data that cannot be written unchanged: a mistake of the stage, not of its user.
  static func unwritable(_ name: String, _ problem: String) -> StreamFault {
    StreamFault(
      kind: .internalError, place: "tensor \(shown(name))", problem: problem,
      remedy: "report this as a bug")
  }

  /// A system call that failed.
  static func system(_ call: String, _ error: SystemError, at offset: Int) -> StreamFault {
    let kind: FaultKind =
      switch error.code {
      case ENOMEM: .noMemory
      case EISDIR, EBADF: .noInput
      default: .inputOutput
      }
    return StreamFault(
      kind: kind, place: "offset \(offset)", problem: "\(call) failed: \(error.text)",
      remedy: kind == .noMemory ? "free or allow more memory" : "check the device and try again")
  }
}

extension JSONScanner {
  /// Scans the text of a metadata entry; messages name it by `label`.
  init(text: String, label: String) {
    self.init(Buffer(text.utf8)) { offset, problem in
      StreamFault(
        kind: .badData, place: "\(label), offset \(offset)", problem: problem,
        remedy: "correct the program that wrote it")
    }
  }
}
