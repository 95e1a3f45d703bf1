import CLaunch
import DataFormats
import Glibc
import Tensors

/// What came by a pipe and can be read from a file only.
///
/// It has no name, so that nothing of it stays however the program ends: it lies in TMPDIR (else
/// /tmp), or in memory where no file can be made there. Readers reach it through the open
/// descriptor.
final class AnonymousFile {
  let file: Descriptor
  /// A name for readers.
  var path: String { file.path }

  init() throws {
    let place = ProcessEnvironment.temporaryFolder
    // SAFETY: the name is passed as a text that ends with a zero byte.
    let number = unsafe sc_anonymous_file(place)
    guard number >= 0 else {
      throw StageFault(
        .cannotCreate,
        "cannot create a temporary file: \(SystemError.last.text); set TMPDIR to another folder",
        in: Path(place).description)
    }
    file = Descriptor(number)
  }

  /// Takes bytes after those that are there.
  func append(_ bytes: [UInt8], through sink: FileSink) throws {
    try append(bytes.span, through: sink)
  }

  private func append(_ bytes: Span<UInt8>, through sink: FileSink) throws {
    do {
      // SAFETY: bytes seen as bytes.
      try unsafe sink.write(bytes.bytes)
    } catch let fault as StageFault {
      throw StageFault(fault.kind, "its temporary copy (TMPDIR): \(fault.description)")
    }
  }

  /// From how many bytes on an array lies in a file, unless SC_SPOOL_FROM sets another number.
  private static let leastSpooled = 128 << 20

  /// Lets arrays of the size of whole data sets lie in files of TMPDIR in place of memory.
  static func offerSpool() {
    let folder = ProcessEnvironment.temporaryFolder
    let least = ProcessEnvironment.count("SC_SPOOL_FROM") ?? leastSpooled
    // SAFETY: the name is passed as a text that ends with a zero byte.
    let room = unsafe sc_disk_room(folder)
    SpooledMemory.install(from: least, room: room) {
      // SAFETY: the name is passed as a text that ends with a zero byte.
      let number = unsafe sc_disk_file(folder)
      return number >= 0 ? Descriptor(number) : nil
    }
  }

  /// What a file packed by gzip holds. Throws kind `noMemory` where that is more than `limit`
  /// bytes.
  static func unpacked(_ path: String, limit: Int) throws -> AnonymousFile {
    let result = try AnonymousFile()
    let sink = FileSink(result.file)
    var size = 0
    try DataFormats.unpack(path: path) { piece in
      size += piece.count
      guard size <= limit else {
        throw StageFault(
          .noMemory,
          "what it unpacks to needs more memory than allowed; unpack it (gunzip -k FILE) and name what comes out"
        )
      }
      try result.append(piece, through: sink)
    }
    // Streams are read from where the file stands.
    lseek(result.file.number, 0, SEEK_SET)
    return result
  }
}
