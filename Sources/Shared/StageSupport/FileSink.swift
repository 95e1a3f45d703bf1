import Glibc
import TensorStream
import Tensors

/// Writes to an open file with every error checked.
final class FileSink: ByteSink {
  private let file: Descriptor
  /// Counted for the message of a fault.
  private var written = 0

  init(_ file: Descriptor) { self.file = file }

  func write(_ bytes: RawSpan) throws {
    do {
      try file.write(bytes)
    } catch {
      throw FileSink.fault(of: error, after: written)
    }
    written += bytes.byteCount
  }

  func write(_ bytes: [UInt8]) throws {
    // SAFETY: bytes seen as bytes.
    try unsafe write(bytes.span.bytes)
  }

  func write(_ text: String) throws {
    try write(Array(text.utf8))
  }

  /// What a failed write is to the user; a closed pipe is none.
  static func fault(of error: SystemError, after offset: Int) -> any Error {
    switch error.code {
    case EPIPE: ClosedPipe()
    case ENOSPC, EDQUOT:
      StageFault(.inputOutput, "offset \(offset): \(error.text); make room, or write elsewhere")
    case EFBIG:
      StageFault(.inputOutput, "offset \(offset): \(error.text); raise the limit (ulimit -f)")
    case ENOMEM: StageFault(.noMemory, "offset \(offset): \(error.text); free or allow more memory")
    default:
      StageFault(.inputOutput, "offset \(offset): cannot write: \(error.text); check the device")
    }
  }
}
