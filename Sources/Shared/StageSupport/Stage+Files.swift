// The outputs of a stage. Each is tried before the work, and written under a hidden name. All get
// their names if the run succeeds, else none does.

import CLaunch
import CellData
import DataFormats
import Glibc
import TensorStream
import Tensors

extension Stage {
  /// Compares all files of the run with each other and makes sure that those to be written can be.
  ///
  /// Throws kind `usage` if two names are one file, and kind `cannotCreate`.
  func begin(_ files: [RunFile]) throws {
    try files.requireDistinct()
    for file in files where file.use.isWritten {
      let target = try OutputTarget(
        file.path, isBinary: file.use.isBinary, isFolder: file.isFolder, stage: name)
      if file.use != .checkpoint { outputs.withLock { $0.append(target) } }
    }
  }

  /// Gives all outputs their names. After it signals no longer end the stage: its work is done.
  func publish() throws {
    try requireUnchangedInputs()
    try outputs.withLock { $0 }.publish()
  }

  /// The output that was tried before.
  private func output(_ path: Path, isBinary: Bool, isFolder: Bool = false) throws -> OutputTarget {
    let path = isFolder ? path.withoutSlash : path
    if let known = outputs.withLock({ $0.first { $0.path == path } }) { return known }
    let target = try OutputTarget(path, isBinary: isBinary, isFolder: isFolder, stage: name)
    outputs.withLock { $0.append(target) }
    return target
  }

  /// Writes data, which appear if the run succeeds.
  package func write(_ cells: CellData, to path: Path, as format: OutputFormat) throws {
    try write(
      cells, to: try output(path, isBinary: true, isFolder: format.isFolder), as: format)
  }

  /// Writes a checkpoint, whole or not at all, at once.
  package func writeCheckpoint(_ cells: CellData, to path: Path) throws {
    let target = try OutputTarget(path, isBinary: true, stage: name)
    try write(cells, to: target, as: .safetensors)
    try [target].publish()
    publishing(false)
  }

  private func write(_ cells: CellData, to target: OutputTarget, as format: OutputFormat) throws {
    endOnLibraryCrash("libhdf5 fails on writing; please report it", .internalError)
    if format != .safetensors {
      let renamed = DataFormats.renamedParts(cells)
      if !renamed.isEmpty {
        let container = format.zarrVersion == nil ? "HDF5" : "zarr"
        log.note("names that \(container) cannot hold are changed: \(listed(renamed, limit: 8))")
      }
    }
    switch format {
    case .safetensors: try target.write { sink in try TensorStream.write(cells, to: sink) }
    case .h5ad: try target.writeFile { path in try DataFormats.writeAnnData(cells, toPath: path) }
    case .h5ad07:
      try target.writeFile { path in try DataFormats.writeAnnData(cells, toPath: path, for07: true)
      }
    case .zarr, .zarr3:
      try target.writeFolder { path in
        try DataFormats.writeZarr(cells, version: format.zarrVersion ?? .two, toFolder: path)
      }
    case .zarrZip, .zarr3Zip:
      try target.write { sink in
        try DataFormats.writeZarr(cells, version: format.zarrVersion ?? .two) { bytes in
          // SAFETY: bytes seen as bytes.
          try unsafe sink.write(bytes.span.bytes)
        }
      }
    case .h5mu: try target.writeFile { path in try DataFormats.writeMuData(cells, toPath: path) }
    }
  }

  /// Writes a report, which appears if the run succeeds, on a terminal too.
  package func write(_ text: String, to path: Path) throws {
    try output(path, isBinary: false).write { sink in try sink.write(text) }
  }

  /// Writes binary data, such as a picture, which appear if the run succeeds.
  package func write(_ bytes: [UInt8], to path: Path) throws {
    try output(path, isBinary: true).write { sink in try sink.write(bytes) }
  }

  /// Whether a file of that name exists; true if that is unknown.
  package func exists(_ path: Path) -> Bool {
    do throws(SystemError) {
      _ = try FileSystem.status(path)
      return true
    } catch {
      return error.code != ENOENT
    }
  }

  /// Whether a report to `path` is going to be read by a person.
  package func isTerminal(_ path: Path) -> Bool {
    let number = path.isStandard ? STDOUT_FILENO : path.descriptorNumber
    return number.map { Descriptor($0, isOwned: false).isTerminal } ?? false
  }
}
