import CLaunch
import DataFormats
import Glibc
import Tensors

/// A file for data from a pipe that can be read from files only.
///
/// It has no name, so nothing remains when the program ends. It lies in TMPDIR (else /tmp), or in
/// memory if that folder takes no file. Readers reach it through the open descriptor.
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

  /// Appends bytes.
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

  /// Arrays of this many bytes or more lie in a file, unless SC_SPOOL_FROM sets another number.
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

  /// The content of a file packed by gzip. Throws kind `noMemory` if it has more than `limit`
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
    // Streams are read from the file's current offset.
    lseek(result.file.number, 0, SEEK_SET)
    return result
  }
}
