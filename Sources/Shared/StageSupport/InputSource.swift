// Data comes from a file, a folder or a pipe, and its content decides how it is read. A tensor
// stream is read from anywhere. The formats of the field are read from files, so a pipe with one
// goes to a file without a name first.

import CLaunch
import CellData
import DataFormats
import Glibc
import TensorStream
import Tensors

/// One opened input.
struct InputSource {
  /// The name in messages.
  let displayName: String
  private let path: Path?
  private let file: Descriptor
  private let status: FileStatus

  /// Opens `path`. Throws kind `noInput`, or `usage` if it would wait for a terminal.
  init(_ path: Path) throws {
    displayName = path.isStandard ? "standard input" : path.description
    self.path = path.isStandard ? nil : path
    do throws(SystemError) {
      if path.isStandard && sc_standard_stream_was_closed(0) { throw SystemError(code: EBADF) }
      file = try path.isStandard ? .standardInput : Descriptor.open(path, O_RDONLY)
      status = try file.status()
    } catch {
      throw StageFault(
        error.code == ENOMEM ? .noMemory : .noInput,
        "\(displayName): cannot be opened: \(error.text); check the name and its permissions")
    }
    if path.isStandard && file.isTerminal {
      throw StageFault(
        .usage,
        "standard input: is a terminal; name a file to read, or pipe data into this stage (--help shows how)"
      )
    }
  }

  var isFolder: Bool { status.isDirectory }

  /// Reads everything in any format. Before that, `inspecting` gets the size if the format shows
  /// it.
  func read(
    verifying: Bool, options: ReadingOptions, inspecting: (DataExtent) throws -> Void
  ) throws -> (CellData, crc: String) {
    try locating(displayName) {
      if status.isDirectory {
        let format = try DataFormats.sniff(path: libraryPath)
        if let format { try inspect(libraryPath, format, options, inspecting) }
        let data = try DataFormats.read(path: libraryPath, as: format, options: options)
        return (data, try checkSum(ofFolder: libraryPath))
      }
      if status.isRegular && lseek(file.number, 0, SEEK_CUR) == 0 {
        return try unchanged { try readFile(libraryPath, file, verifying, options, inspecting) }
      }
      return try readPipe(verifying, options, inspecting)
    }
  }

  /// The result or fault of `body`, unless another program has changed the file meanwhile.
  private func unchanged<Result>(_ body: () throws -> Result) throws -> Result {
    let result = Swift.Result { try body() }
    if let now = try? file.status(), now.isChanged(since: status) {
      throw StageFault(.inputOutput, changedWhileInUse)
    }
    return try result.get()
  }

  /// The file, if it is a stream whose tensors rest on a mapping of it.
  var mapped: MappedInput? {
    guard status.isRegular, let first = try? file.read(upTo: 16, at: 0),
      Signature.isTensorStream(first)
    else { return nil }
    return MappedInput(name: displayName, file: file, status: status)
  }

  /// The whole as a table of words. A pipe is read as it comes.
  func table() throws -> DelimitedTable {
    try locating(displayName) {
      if status.isDirectory {
        throw StageFault(.badData, "is a folder; name a file in it")
      }
      return try DelimitedTable(path: status.isRegular ? libraryPath : file.path)
    }
  }

  /// The name for libraries, which take text. Other names are reached through the open file.
  private var libraryPath: String { path?.text ?? file.path }

  private func readFile(
    _ path: String, _ file: Descriptor, _ verifying: Bool, _ options: ReadingOptions,
    _ inspecting: (DataExtent) throws -> Void
  ) throws -> (CellData, crc: String) {
    guard let format = try DataFormats.sniff(path: path) else {
      if try DataFormats.isPackedBinary(path: path) {
        let spool = try AnonymousFile.unpacked(path, limit: options.memoryBudget / 2)
        return try readFile(spool.path, spool.file, verifying, options, inspecting)
      }
      guard try beginsTensorStream(file) else { throw try DataFormats.unknownFormat(path: path) }
      let contents = try TensorStream.read(
        descriptor: file.number, verifying: verifying, inspecting: inspecting)
      return (try DataFormats.oriented(contents.data, options: options), contents.headerCRC)
    }
    try inspect(path, format, options, inspecting)
    let data = try DataFormats.read(path: path, as: format, options: options)
    return (data, hexadecimal(try checkSum(of: file), width: 8))
  }

  /// Gives the size of a file. The reader finds and reports what is wrong with it.
  private func inspect(
    _ path: String, _ format: FileFormat, _ options: ReadingOptions,
    _ inspecting: (DataExtent) throws -> Void
  ) throws {
    guard let extent = try? DataFormats.extent(path: path, as: format, options: options) else {
      return
    }
    try inspecting(extent)
  }

  /// Whether a file without a known format is read as a tensor stream, which may be damaged. Text
  /// and files with other first bytes are not.
  private func beginsTensorStream(_ file: Descriptor) throws -> Bool {
    let first = try reading { () throws(SystemError) in try file.read(upTo: 512, at: 0) }
    return InputSource.beginsTensorStream(first)
  }

  private func readPipe(
    _ verifying: Bool, _ options: ReadingOptions, _ inspecting: (DataExtent) throws -> Void
  ) throws -> (CellData, crc: String) {
    var prefix: [UInt8] = []
    while prefix.count < 512 {
      let more = try reading { () throws(SystemError) in try file.read(upTo: 512 - prefix.count) }
      if more.isEmpty { break }
      prefix += more
    }
    if prefix.isEmpty {
      throw StageFault(
        .badData, "offset 0: no data arrived; check whether the previous stage failed")
    }
    if InputSource.beginsTensorStream(prefix) {
      let contents = try TensorStream.read(
        descriptor: file.number, prefix: prefix, verifying: verifying, inspecting: inspecting)
      return (try DataFormats.oriented(contents.data, options: options), contents.headerCRC)
    }
    let spool = try spooled(after: prefix)
    return try readFile(spool.path, spool.file, verifying, options, inspecting)
  }

  /// A tensor stream begins with a length below 2^32, so its first eight bytes hold zeros. Text
  /// holds none. HDF5, gzip, archives and data of R have their own first bytes.
  static func beginsTensorStream(_ prefix: [UInt8]) -> Bool {
    if prefix.starts(with: Signature.hdf5.prefix(4)) || prefix.starts(with: Signature.gzip)
      || DataFormats.isForeign(prefix)
    {
      return false
    }
    return prefix.prefix(8).contains { $0 < 9 || ($0 > 13 && $0 < 32) }
  }

  private func spooled(after prefix: [UInt8]) throws -> AnonymousFile {
    let spool = try AnonymousFile()
    let sink = FileSink(spool.file)
    var piece = prefix
    while !piece.isEmpty {
      try spool.append(piece, through: sink)
      piece = try reading { () throws(SystemError) in try file.read(upTo: 1 << 20) }
    }
    return spool
  }

  private func checkSum(of file: Descriptor, continuing start: UInt32 = 0) throws -> UInt32 {
    var (sum, offset) = (start, 0)
    while true {
      let piece = try reading { () throws(SystemError) in try file.read(upTo: 1 << 20, at: offset) }
      if piece.isEmpty { return sum }
      sum = crc32(piece.span, continuing: sum)
      offset += piece.count
    }
  }

  /// The files that a folder is read from, in the order of their names.
  private func checkSum(ofFolder path: String) throws -> String {
    var sum: UInt32 = 0
    for name in try DataFormats.files(ofFolder: path) {
      let part = try reading { () throws(SystemError) in
        try Descriptor.open(Path(name), O_RDONLY)
      }
      sum = try checkSum(of: part, continuing: sum)
    }
    return hexadecimal(sum, width: 8)
  }

  private func reading<Result>(_ body: () throws(SystemError) -> Result) throws -> Result {
    do throws(SystemError) {
      return try body()
    } catch {
      throw StageFault(
        error.code == ENOMEM ? .noMemory : .inputOutput,
        "cannot be read: \(error.text); check the device and try again")
    }
  }
}
