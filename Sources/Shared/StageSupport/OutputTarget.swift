// The target of a result. A file replaces an older one when all outputs of the run are complete. A
// pipe, a device or an open descriptor of the shell is written when all files are safe on the disk.

import DataFormats
import Glibc
import TensorStream
import Tensors

/// One output, checked before the work begins. Only the thread that runs the stage uses it.
final class OutputTarget: @unchecked Sendable {
  private enum Kind {
    case descriptor(Descriptor)
    case device(Path)
    case file(StagedFile.Place)
    case folder(StagedFile.Place)
  }

  /// The path that the option gives.
  let path: Path
  /// The name in messages.
  let displayName: String
  private let kind: Kind
  /// The file or folder that waits for its name.
  private(set) var staged: (any StagedOutput)?
  /// The bytes that wait to be sent.
  private var sending: (() throws -> Void)?

  /// Checks that `path` can be written, as a folder if the result is one. Follows links, so that a
  /// link stays one.
  ///
  /// Throws kind `cannotCreate`, `inputOutput` for a closed standard output, or `usage` for binary
  /// data to a terminal.
  init(_ path: Path, isBinary: Bool, isFolder: Bool = false, stage: String) throws {
    self.path = path
    displayName = path.isStandard ? "standard output" : path.description
    let number = path.isStandard ? STDOUT_FILENO : path.descriptorNumber
    kind = try locating(displayName) {
      if let number { return .descriptor(try OutputTarget.descriptor(number)) }
      return try OutputTarget.kind(of: path, isFolder: isFolder, stage: stage)
    }
    if isBinary, case .descriptor(let file) = kind, file.isTerminal {
      throw StageFault(
        .usage,
        "\(displayName): is a terminal, and the result is binary; name a file with -o FILE, or pipe it into the next stage"
      )
    }
  }

  /// The same open file as `number`. Both share an offset, so nothing in the file is overwritten.
  private static func descriptor(_ number: Int32) throws -> Descriptor {
    do throws(SystemError) {
      return try Descriptor.duplicate(number)
    } catch {
      if error.code == EACCES {
        throw StageFault(.cannotCreate, "is open for reading only; write elsewhere")
      }
      throw StageFault(
        number == STDOUT_FILENO ? .inputOutput : .cannotCreate,
        "is closed; open it, or name a file with -o")
    }
  }

  private static func kind(of path: Path, isFolder: Bool, stage: String) throws -> Kind {
    let path = try (isFolder ? path.withoutSlash : path).resolvingLinks()
    let (folder, name) = path.split
    var old: FileStatus?
    do throws(SystemError) {
      old = try FileSystem.status(path)
    } catch {
      if ![ENOENT, ENOTDIR, EACCES].contains(error.code) {
        throw StageFault(
          .cannotCreate, "cannot be created: \(error.text); name another file")
      }
    }
    if let old {
      if isFolder {
        try requireStore(path, old)
      } else if old.isDirectory {
        throw StageFault(.cannotCreate, "is a folder; name a file in it")
      }
      guard FileSystem.isWritable(path) else {
        throw StageFault(.cannotCreate, "may not be written; change its mode or write elsewhere")
      }
      if old.isSocket { throw StageFault(.cannotCreate, "is a socket; name a file") }
      if !old.isRegular && !old.isDirectory { return .device(path) }
    }
    if name.bytes.isEmpty { throw StageFault(.cannotCreate, "is a folder; name a file in it") }
    do throws(SystemError) {
      let opened = try Descriptor.open(folder, O_RDONLY | O_DIRECTORY)
      guard FileSystem.isWritable(folder) else { throw SystemError(code: EACCES) }
      if let old, try !opened.status().letsReplace(old) { throw SystemError(code: EPERM) }
      let place = StagedFile.Place(
        folder: opened, folderPath: folder, name: name, mode: old?.mode, beginning: ".\(stage)")
      try place.probe()
      return isFolder ? .folder(place) : .file(place)
    } catch {
      throw StageFault(
        .cannotCreate,
        "cannot create a file in \(folder.description): \(error.text); make the folder, or write elsewhere"
      )
    }
  }

  /// Throws unless the new folder may replace the old one, which must be empty or hold the same
  /// kind of data.
  private static func requireStore(_ path: Path, _ old: FileStatus) throws {
    guard old.isDirectory else {
      throw StageFault(
        .cannotCreate, "is a file, and a zarr store is a folder; name another, or remove the file")
    }
    let opened = try checked { () throws(SystemError) in
      try Descriptor.open(path, O_RDONLY | O_DIRECTORY)
    }
    guard DataFormats.isReplaceable(folder: path.text ?? opened.path) else {
      throw StageFault(
        .cannotCreate,
        "is a folder that holds something other than AnnData or MuData in zarr; name another")
    }
  }

  /// Writes what `body` puts into the sink. A file gets it at once under a hidden name, a pipe when
  /// the run is over.
  func write(_ body: @escaping (FileSink) throws -> Void) throws {
    try locating(displayName) {
      switch kind {
      case .descriptor(let file): sending = { try OutputTarget.send(to: file, body) }
      case .device(let path): sending = { try OutputTarget.send(to: OutputTarget.open(path), body) }
      case .file(let place): staged = try StagedFile(place, body)
      case .folder: preconditionFailure("a folder is written by writeFolder")
      }
    }
  }

  /// Lets `body` write a file under a given name, for libraries that open files themselves.
  func writeFile(_ body: @escaping (_ path: String) throws -> Void) throws {
    if case .file(let place) = kind {
      staged = try locating(displayName) { try StagedFile(place, namedFor: body) }
      return
    }
    try write { sink in
      let spool = try SpoolFile()
      try body(spool.path)
      try OutputTarget.copy(spool.path, to: sink)
    }
  }

  /// Lets `body` fill a given folder.
  func writeFolder(_ body: @escaping (_ path: String) throws -> Void) throws {
    guard case .folder(let place) = kind else { preconditionFailure("no folder") }
    staged = try locating(displayName) { try StagedFolder(place, body) }
  }

  /// Makes a file safe on the disk.
  func seal() throws { try locating(displayName) { try staged?.seal() } }

  /// Writes to a pipe, a device or a descriptor.
  func send() throws {
    try locating(displayName) { try sending?() }
    sending = nil
  }

  /// Releases the written file, which has its name or is withdrawn.
  func finish() { staged = nil }

  private static func open(_ path: Path) throws -> Descriptor {
    do throws(SystemError) {
      return try Descriptor.open(path, O_WRONLY | O_NOCTTY)
    } catch {
      throw StageFault(.cannotCreate, "cannot be opened: \(error.text); write elsewhere")
    }
  }

  private static func send(to file: Descriptor, _ body: (FileSink) throws -> Void) throws {
    try body(FileSink(file))
    try checked { () throws(SystemError) in try file.finish() }
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
}

extension [OutputTarget] {
  /// Publishes all outputs of a run, or none. Files are made safe on the disk, then pipes and
  /// devices are written, then all files get their names. If one fails, the former files get their
  /// names back.
  func publish() throws {
    for target in self { try target.seal() }
    for target in self { try target.send() }
    let files = compactMap { target in target.staged.map { (target.displayName, $0) } }
    // A signal must not come between two names.
    publishing(true)
    do {
      for (_, file) in files { file.keepOld() }
      for (name, file) in files { try locating(name) { try file.publish() } }
      for (name, file) in files { try locating(name) { try file.synchronizeFolder() } }
    } catch {
      for (_, file) in files.reversed() { file.withdraw() }
      publishing(false)
      throw error
    }
    for (_, file) in files { file.forgetOld() }
    for target in self { target.finish() }
  }
}
