// A stage at work: what it reads and writes, says and leaves behind. The commands map their options to one call of a library between
// `open` and `save`; `StageCommand` runs them and turns errors into exit statuses.

import CellData
import DataFormats
import Glibc
import Synchronization
import TensorStream
import Tensors

/// The running stage: its options, log and files.
package final class Stage: Sendable {
  /// The version of all five programs.
  package static let version = "0.1.0"

  package let name: String
  package let log: Log
  package let progress: Progress
  package let seed: UInt64
  /// The bytes that the stage may take.
  package let memoryLimit: Int
  /// What messages call the first input, once it is open: faults of the data are about it.
  private let inputName = Mutex<String?>(nil)

  init(name: String, options: RunningOptions) {
    self.name = name
    log = Log(stage: name, level: options.logLevel, format: options.logFormat)
    progress = Progress(mode: options.progress, log: log)
    seed = options.seed
    memoryLimit = options.memoryLimit
  }

  /// Reads the input, having made sure that the output can be written.
  ///
  /// Returns the data and the CRC-32 that names them: the stream's own, or that of the file's bytes.
  /// `estimating` is told how large the data is before they are read; kind `noMemory` is thrown where what it returns passes the
  /// limit. Throws faults that name the file.
  package func open(
    _ input: InputOptions, output: OutputOptions? = nil, reading options: ReadingOptions? = nil,
    estimating: ((DataExtent) -> MemoryEstimate)? = nil
  ) throws -> (cells: CellData, inputCRC: String) {
    if let output { _ = try OutputTarget(output.output, isBinary: true, stage: name) }
    return try open(
      input.input, verifying: !input.skipsVerification, reading: options, estimating: estimating)
  }

  /// Reads a further file, such as a checkpoint or a second modality.
  package func open(
    _ path: Path, verifying: Bool = true, reading options: ReadingOptions? = nil,
    estimating: ((DataExtent) -> MemoryEstimate)? = nil
  ) throws -> (cells: CellData, inputCRC: String) {
    let source = try InputSource(path)
    inputName.withLock { $0 = $0 ?? source.displayName }
    var options = options ?? ReadingOptions()
    let log = log
    options.note = { log.detail("\(source.displayName): \($0)") }
    options.announce = { log.note("\(source.displayName): \($0)") }
    let progress = progress
    options.progress = { progress.update(done: $0, total: $1, note: "read") }
    defer { progress.finish() }
    options.memoryBudget = min(options.memoryBudget, memoryLimit)
    endOnLibraryCrash(
      "\(source.displayName): libhdf5 fails on it; the file is damaged: make it again", .badData)
    let (cells, crc) = try source.read(verifying: verifying, options: options) { extent in
      if let estimate = estimating?(extent) { try require(estimate) }
    }
    log.detail(
      "read \(cells.cellCount) cells × \(cells.geneCount) genes from \(source.displayName)")
    return (cells, crc)
  }

  /// Throws kind `noMemory`, with what would fit, where the estimate passes the limit. Data that a stage before this one makes smaller
  /// are made so by sc-preprocess.
  package func require(_ estimate: MemoryEstimate) throws {
    log.detail("estimated memory: \(ByteCount(estimate.bytes)) of \(ByteCount(memoryLimit))")
    let program = name == "sc-preprocess" ? "" : "sc-preprocess with "
    if let refusal = estimate.refusal(limit: memoryLimit, by: program) {
      throw StageFault(.noMemory, refusal)
    }
  }

  /// Appends this stage's line of provenance and writes the data to the output, whole or not at all.
  ///
  /// `settings` are those that shape the result, with defaults resolved: no paths, threads or verbosity.
  package func save(
    _ cells: consuming CellData, to output: OutputOptions,
    settings: [(String, JSONValue)], inputCRC: String
  ) throws {
    let texts = settings.map { ($0.0, $0.1.text) }
    cells.history.append(
      Provenance(
        tool: name, version: Stage.version,
        settings: Dictionary(texts, uniquingKeysWith: { $1 }), seed: seed, inputCRC: inputCRC))
    progress.finish()
    if [.h5ad, .h5ad07].contains(output.resolvedFormat), let second = cells.secondModality {
      log.note(
        "AnnData has one matrix: it is the RNA's, and the values of '\(second.name)' stand in obsm; an .h5mu file has both as they are"
      )
    }
    try write(cells, to: output.output, as: output.resolvedFormat)
    log.detail("done in \((log.seconds * 100).rounded() / 100) s")
  }

  /// Writes data to a file, whole or not at all: for checkpoints.
  package func write(_ cells: CellData, to path: Path, as format: OutputFormat = .safetensors)
    throws
  {
    let target = try OutputTarget(path, isBinary: true, stage: name)
    endOnLibraryCrash("libhdf5 fails on writing; please report it", .internalError)
    switch format {
    case .safetensors: try target.write { sink in try TensorStream.write(cells, to: sink) }
    case .h5ad: try target.writeFile { path in try DataFormats.writeAnnData(cells, toPath: path) }
    case .h5ad07:
      try target.writeFile { path in try DataFormats.writeAnnData(cells, toPath: path, for07: true)
      }
    case .h5mu: try target.writeFile { path in try DataFormats.writeMuData(cells, toPath: path) }
    }
  }

  /// Whether there is a file of that name; true too where that cannot be found out.
  package func exists(_ path: Path) -> Bool {
    do throws(SystemError) {
      _ = try FileSystem.status(path)
      return true
    } catch {
      return error.code != ENOENT
    }
  }

  /// Writes a report, whole or not at all; to a terminal too.
  package func write(_ text: String, to path: Path) throws {
    try OutputTarget(path, isBinary: false, stage: name).write { sink in try sink.write(text) }
  }

  /// Makes sure, before the work begins, that binary data can be written to `path`.
  package func requireWritable(_ path: Path) throws {
    _ = try OutputTarget(path, isBinary: true, stage: name)
  }

  /// Writes binary data, such as a picture, whole or not at all.
  package func write(_ bytes: [UInt8], to path: Path) throws {
    try OutputTarget(path, isBinary: true, stage: name).write { sink in try sink.write(bytes) }
  }

  /// Whether a report to `path` is going to be read by a person.
  package func isTerminal(_ path: Path) -> Bool {
    path.isStandard && Descriptor.standardOutput.isTerminal
  }

  /// Reads a table of words, such as labels. Throws faults that name the file.
  package func readTable(_ path: Path) throws -> DelimitedTable {
    try InputSource(path).table()
  }

  /// What is said, and the exit status, if libhdf5 itself crashes.
  private func endOnLibraryCrash(_ message: String, _ kind: FaultKind) {
    DataFormats.endOnLibraryCrash(
      line: log.failureLine(message, status: kind.rawValue), status: kind.rawValue)
  }

  /// A fault in the words of the stage: one about the data names the input.
  func located(_ fault: any Fault) -> any Fault {
    if fault is LocatedFault || fault.kind == .usage { return fault }
    if let own = fault as? StageFault, own.namesFile || own.kind != .badData { return own }
    guard let name = inputName.withLock({ $0 }) else { return fault }
    return LocatedFault(fault, in: name)
  }
}
