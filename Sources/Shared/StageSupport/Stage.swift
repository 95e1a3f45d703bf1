// A stage at work: its input, outputs and messages. Commands map their options to one call of a
// library between `open` and `save`. `StageCommand` runs them and turns errors into exit statuses.

import CellData
import DataFormats
import Glibc
import Synchronization
import TensorStream
import Tensors

/// The running stage: its options, log and files.
package final class Stage: Sendable {
  /// The version of all five programs.
  package static let version = "0.2.0"

  package let name: String
  package let log: Log
  package let progress: Progress
  package let seed: UInt64
  /// The purposes of the options, and which were given.
  package let options: OptionTable
  /// The bytes that the stage may take.
  package let memoryLimit: Int
  /// Whether the result comes from products of matrices, whose last digits depend on the kernels.
  private let multipliesMatrices: Bool
  /// The formats of the files read so far, in the words of messages.
  private let formats = Mutex<[String]>([])
  /// The parts of the input as it was read.
  private let parts = Mutex<Parts?>(nil)
  /// The name of the first input in messages, once it is open. Faults of the data get this name.
  private let inputName = Mutex<String?>(nil)
  /// The outputs of the run, each tried before the work.
  let outputs = Mutex<[OutputTarget]>([])
  /// The files with mappings in use.
  let mappedInputs = Mutex<[MappedInput]>([])

  package init(
    name: String, multipliesMatrices: Bool = false, options: RunningOptions, table: OptionTable
  ) {
    self.name = name
    self.multipliesMatrices = multipliesMatrices
    self.options = table
    log = Log(stage: name, level: options.logLevel, format: options.logFormat)
    progress = Progress(mode: options.progress, log: log)
    seed = options.seed
    memoryLimit = options.memoryLimit
  }

  /// Reads the input.
  ///
  /// Returns the data and the CRC-32 that names them: the stream's own, or that of the file's
  /// bytes. `estimating` is called with the size of the data before they are read. Throws kind
  /// `noMemory` if its result passes the limit. Throws faults that name the file.
  package func open(
    _ input: InputOptions, reading options: ReadingOptions? = nil,
    estimating: ((DataExtent) -> MemoryEstimate)? = nil
  ) throws -> (cells: CellData, inputCRC: String) {
    let result = try open(
      input.input, verifying: !input.skipsVerification, reading: options, estimating: estimating)
    try begin(with: result.cells)
    return result
  }

  /// Sets the data of the run if `open` has not read them. From here on, faults of the data get
  /// `name`, if it is given.
  package func begin(with cells: CellData, called name: String? = nil) throws {
    try options.requireEffects(["the format": inputFormats])
    if cells.isCheckpoint {
      throw StageFault(
        .badData,
        "holds the state of a training, not cells; name the data, or join models of --member with sc-pretrain --gather"
      )
    }
    parts.withLock { $0 = Parts(of: cells) }
    if let name { inputName.withLock { $0 = name } }
  }

  /// The formats of all files read so far: `AnnData and delimited text`.
  package var inputFormats: String { formats.withLock { $0.joined(separator: " and ") } }

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
    let format = Mutex("tensor stream")
    options.recognized = { found in format.withLock { $0 = found.title } }
    let progress = progress
    options.progress = { progress.update(done: $0, total: $1, note: "read") }
    defer { progress.finish() }
    options.memoryBudget = min(options.memoryBudget, memoryLimit)
    endOnLibraryCrash(
      "\(source.displayName): libhdf5 fails on it; the file is damaged: make it again", .badData)
    let watched = source.mapped.flatMap { watch($0) }
    var (cells, crc) = try source.read(verifying: verifying, options: options) { extent in
      if let estimate = estimating?(extent) { try require(estimate) }
    }
    try locating(source.displayName) {
      try cells.followObs()
      try cells.requireFiniteResults()
    }
    if ["sc-pretrain", "sc-cluster", "sc-eval"].contains(name), let entry = cells.useNamedGraph() {
      log.note("the graph is the one that uns/\(entry) names; it is copied to obsp/distances")
    }
    if let watched, verifying { mappedInputs.withLock { $0[watched].crc = crc } }
    let recognized = format.withLock { $0 }
    formats.withLock { $0.append(recognized) }
    log.detail(
      cells.isCheckpoint
        ? "read the checkpoint \(source.displayName)"
        : "read \(cells.cellCount) cells × \(cells.geneCount) genes from \(source.displayName)")
    return (cells, crc)
  }

  /// Throws kind `noMemory`, with what would fit, if the estimate exceeds the limit. The advice may
  /// be an option of sc-preprocess, which makes data smaller.
  package func require(_ estimate: MemoryEstimate) throws {
    log.detail("estimated memory: \(ByteCount(estimate.bytes)) of \(ByteCount(memoryLimit))")
    let program = name == "sc-preprocess" ? "" : "sc-preprocess with "
    if let refusal = estimate.refusal(limit: memoryLimit, by: program) {
      throw StageFault(.noMemory, refusal)
    }
  }

  /// Appends this stage's line of provenance and writes the data to the output, whole or not at
  /// all.
  ///
  /// `settings` are those that shape the result, with defaults resolved: no paths, threads or
  /// verbosity.
  package func save(
    _ cells: consuming CellData, to output: OutputOptions,
    settings: [(String, JSONValue)], columns: OwnColumns = OwnColumns(), inputCRC: String
  ) throws {
    var texts = settings.map { ($0.0, $0.1.text) } + columns.settings(in: cells)
    announce(columns)
    if let changes = parts.withLock({ $0?.changes(in: cells) }) {
      announce(replaced: changes.replaced)
      texts += changes.settings
    }
    if multipliesMatrices {
      texts.append(("kernels", JSONValue.string(ProcessEnvironment.kernels).text))
    }
    cells.history.append(
      Provenance(
        tool: name, version: Stage.version,
        settings: Dictionary(texts, uniquingKeysWith: { $1 }), seed: seed, inputCRC: inputCRC))
    progress.finish()
    if output.resolvedFormat.isAnnData, let second = cells.secondModality,
      let name = DataFormats.nameInObsm(ofSecondModalityOf: cells)
    {
      let place = name == second.name ? "obsm" : "obsm/\(name)"
      log.note(
        "AnnData has one matrix: it is the RNA's, and the values of '\(second.name)' are in \(place); an .h5mu file keeps both as modalities"
      )
    }
    if output.resolvedFormat == .safetensors {
      // Our results must be finite. The user's values that are not finite are reported.
      try cells.requireFiniteResults()
      cells.leaveOutNonFinite(in: self)
    }
    try write(cells, to: output.output, as: output.resolvedFormat)
    log.detail("done in \((log.seconds * 100).rounded() / 100) s")
  }

  /// Reports parts of the input that the result lacks. They do not count as replaced.
  package func announce(leftOut parts: [String], because reason: String) {
    guard !parts.isEmpty else { return }
    log.note("left out because \(reason): \(parts.joined(separator: ", "))")
    self.parts.withLock { $0?.forget(parts) }
  }

  /// Reports which columns of the user stayed, and the names of this stage's columns.
  private func announce(_ columns: OwnColumns) {
    guard !columns.moved.isEmpty else { return }
    let parts = columns.moved.map { "\($0.kept) (ours: \($0.own))" }
    log.note("kept your columns: \(parts.joined(separator: ", "))")
  }

  /// Reports which parts of the user this stage replaced.
  private func announce(replaced parts: [String]) {
    guard !parts.isEmpty else { return }
    let remedy = parts.contains("obsm/X_pca") ? "; --use X_pca keeps obsm/X_pca" : ""
    log.note(
      "replaced \(parts.joined(separator: ", ")), written by another program\(remedy)"
    )
  }

  /// Reads a table of words, such as labels. Throws faults that name the file.
  package func readTable(_ path: Path) throws -> DelimitedTable {
    try InputSource(path).table()
  }

  /// The message and the exit status if libhdf5 itself crashes.
  func endOnLibraryCrash(_ message: String, _ kind: FaultKind) {
    DataFormats.endOnLibraryCrash(
      line: log.failureLine(message, status: kind.rawValue), status: kind.rawValue)
  }

  /// A fault in the words of the stage. Faults of the data name the input.
  func located(_ fault: any Fault) -> any Fault {
    if fault is LocatedFault || fault.kind == .usage { return fault }
    if let own = fault as? StageFault, own.namesFile || own.kind != .badData { return own }
    guard let name = inputName.withLock({ $0 }) else { return fault }
    return LocatedFault(fault, in: name)
  }
}

extension FileFormat {
  /// What messages call it.
  fileprivate var title: String {
    switch self {
    case .anndata: "AnnData"
    case .tenXHDF5: "10x HDF5"
    case .matrixMarket: "Matrix Market"
    case .mudata: "MuData"
    case .loom: "Loom"
    case .benchmark: "HDF5 of a benchmark"
    case .text: "delimited text"
    }
  }
}
