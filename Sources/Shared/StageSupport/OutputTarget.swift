// Where a result goes. A file is written without a name, made safe on the disk, given a hidden name beside its own and renamed at the very end, so that
// nobody ever sees half of it, nothing of it stays however the program ends, and it may replace the file that was read. Where the file system has no
// files without names, and for HDF5, which asks for a name, it has the hidden one from the beginning. What is no plain file (a pipe, /dev/null) is written as it is.

import CLaunch
import Glibc
import Synchronization
import TensorStream
import Tensors

/// One output, checked before the work begins and written after it.
struct OutputTarget {
  private enum Kind {
    case descriptor(Descriptor)
    case device(Path)
    /// The folder, the name in it, and the mode of the file that is replaced.
    case file(folder: Descriptor, name: Path, mode: mode_t?)
  }

  /// What messages call it.
  let displayName: String
  private let kind: Kind
  private let stage: String

  /// Finds out whether `path` can be written; follows links, so that a link stays one.
  ///
  /// Throws kind `cannotCreate`, or `usage` for binary data to a terminal.
  init(_ path: Path, isBinary: Bool, stage: String) throws {
    self.stage = stage
    if path.isStandard {
      displayName = "standard output"
      kind = .descriptor(.standardOutput)
      guard (try? Descriptor.standardOutput.status()) != nil else {
        throw StageFault(
          .inputOutput, "standard output: is closed; open it, or name a file with -o")
      }
      if isBinary && Descriptor.standardOutput.isTerminal {
        throw StageFault(
          .usage,
          "standard output: is a terminal, and the result is binary; name a file with -o FILE, or pipe it into the next stage"
        )
      }
      return
    }
    displayName = path.description
    kind = try locating(path.description) { try OutputTarget.kind(of: path) }
  }

  private static func kind(of path: Path) throws -> Kind {
    let path = try resolvingLinks(path)
    var mode: mode_t?
    if let status = try? FileSystem.status(path) {
      if status.isDirectory {
        throw StageFault(.cannotCreate, "is a folder; name a file in it")
      }
      guard FileSystem.isWritable(path) else {
        throw StageFault(.cannotCreate, "may not be written; change its mode or write elsewhere")
      }
      if !status.isRegular { return .device(path) }
      mode = status.mode
    }
    let (folder, name) = path.split
    if name.bytes.isEmpty { throw StageFault(.cannotCreate, "is a folder; name a file in it") }
    do throws(SystemError) {
      let opened = try Descriptor.open(folder, O_RDONLY | O_DIRECTORY)
      guard FileSystem.isWritable(folder) else { throw SystemError(code: EACCES) }
      return .file(folder: opened, name: name, mode: mode)
    } catch {
      throw StageFault(
        .cannotCreate,
        "cannot create a file in \(folder.description): \(error.text); make the folder, or write elsewhere"
      )
    }
  }

  /// Follows links by hand: the last one may point to a file that is not there yet.
  private static func resolvingLinks(_ path: Path) throws -> Path {
    var path = path
    for _ in 0..<40 {
      guard let status = try? FileSystem.status(path, followingLinks: false), status.isLink,
        let target = try? FileSystem.linkTarget(path)
      else { return path }
      let isAbsolute = target.bytes.first == UInt8(ascii: "/")
      path =
        isAbsolute
        ? target : Path(bytes: path.split.folder.bytes + [UInt8(ascii: "/")] + target.bytes)
    }
    throw StageFault(.cannotCreate, "links go round in a circle; name a file")
  }

  /// Writes what `body` puts into the sink.
  func write(_ body: (FileSink) throws -> Void) throws {
    try locating(displayName) {
      switch kind {
      case .descriptor(let file): try writeThrough(file, body)
      case .device(let path): try writeThrough(try openDevice(path), body)
      case .file(let folder, let name, let mode):
        if let file = unnamedFile(in: folder) {
          try replace(name, in: folder, mode: mode, with: file) { try body(FileSink(file)) }
        } else {
          try replace(name, in: folder, mode: mode) { file, _ in try body(FileSink(file)) }
        }
      }
    }
  }

  /// Has `body` write a file under the name that it is given: for libraries that open files themselves.
  func writeFile(_ body: (_ path: String) throws -> Void) throws {
    try locating(displayName) {
      if case .file(let folder, let name, let mode) = kind {
        try replace(name, in: folder, mode: mode) { _, path in try body(path) }
      } else {
        let spool = try SpoolFile()
        try body(spool.path)
        try write { sink in try OutputTarget.copy(spool.path, to: sink) }
      }
    }
  }

  private func openDevice(_ path: Path) throws -> Descriptor {
    do throws(SystemError) {
      return try Descriptor.open(path, O_WRONLY)
    } catch {
      throw StageFault(.cannotCreate, "cannot be opened: \(error.text); write elsewhere")
    }
  }

  private func writeThrough(_ file: Descriptor, _ body: (FileSink) throws -> Void) throws {
    try body(FileSink(file))
    try OutputTarget.checked { () throws(SystemError) in try file.finish() }
  }

  /// With a file without a name, which `body` fills.
  private func replace(
    _ name: Path, in folder: Descriptor, mode: mode_t?, with file: Descriptor,
    _ body: () throws -> Void
  ) throws {
    defer { sc_temporary_remove() }
    try body()
    try finish(file, mode)
    let temporary = try withFreeName(in: folder) { temporary throws(SystemError) in
      // SAFETY: the name ends with a zero byte.
      guard unsafe sc_name_file(file.number, folder.number, temporary) == 0 else { throw .last }
    }
    try rename(file, temporary, to: name, in: folder)
  }

  /// With a file that has a hidden name from the beginning, which `body` is told.
  private func replace(
    _ name: Path, in folder: Descriptor, mode: mode_t?, _ body: (Descriptor, String) throws -> Void
  ) throws {
    defer { sc_temporary_remove() }
    var made: Descriptor?
    let temporary = try withFreeName(in: folder) { temporary throws(SystemError) in
      made = try Descriptor.open(
        Path(temporary), in: folder.number, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
    }
    if let made { try body(made, "\(folder.path)/\(temporary)") }
    // A library may have put a new file under the name: what counts is what stands there now.
    let written = try OutputTarget.checked { () throws(SystemError) in
      try Descriptor.open(Path(temporary), in: folder.number, O_RDWR)
    }
    try finish(written, mode)
    try rename(written, temporary, to: name, in: folder)
  }

  private func unnamedFile(in folder: Descriptor) -> Descriptor? {
    let number = sc_unnamed_file(folder.number)
    return number >= 0 ? Descriptor(number) : nil
  }

  private func finish(_ file: Descriptor, _ mode: mode_t?) throws {
    try OutputTarget.checked { () throws(SystemError) in
      if let mode { try file.setMode(mode) }
      try file.synchronize()
    }
  }

  private func rename(
    _ file: Descriptor, _ temporary: String, to name: Path, in folder: Descriptor
  ) throws {
    try OutputTarget.checked { () throws(SystemError) in
      try file.close()
      try FileSystem.rename(Path(temporary), to: name, in: folder)
    }
    sc_temporary_release()
    try OutputTarget.checked { () throws(SystemError) in try folder.synchronize() }
  }

  /// Has `body` put a file under a hidden name that is not taken; it is removed if the program ends.
  private func withFreeName(
    in folder: Descriptor, _ body: (String) throws(SystemError) -> Void
  ) throws -> String {
    for attempt in 0..<1000 {
      let name = ".\(stage)-\(getpid())-\(attempt).tmp"
      do throws(SystemError) {
        try body(name)
        // SAFETY: the name is copied.
        unsafe sc_temporary_hold(folder.number, name)
        return name
      } catch {
        if error.code == EEXIST { continue }
        throw StageFault(
          .cannotCreate, "cannot create a file beside it: \(error.text); write elsewhere")
      }
    }
    throw StageFault(.cannotCreate, "its folder is full of temporary files; remove them")
  }

  private static func copy(_ path: String, to sink: FileSink) throws {
    let source = try checked { () throws(SystemError) in
      try Descriptor.open(Path(path), O_RDONLY)
    }
    while true {
      let bytes = try checked { () throws(SystemError) in try source.read(upTo: 1 << 20) }
      if bytes.isEmpty { return }
      try sink.write(bytes)
    }
  }

  /// Turns the system's error into a fault.
  private static func checked<Result>(_ body: () throws(SystemError) -> Result) throws -> Result {
    do throws(SystemError) {
      return try body()
    } catch {
      throw FileSink.fault(of: error, after: 0)
    }
  }
}
