import CellData
import DataFormats
import StageSupport
import Synchronization
import Tensors

/// The input as far as it is read: cells without the matrix that the counts come from, and the
/// counts.
struct PreprocessInput {
  var cells: CellData
  var counts: CountSource
  var columns: OwnColumns
  let second: (SecondSource, crc: String?)?
  let crc: String
  /// The column of batches within which cells and genes are assessed: that of --batch-key, else of
  /// the samples.
  let batchKey: String?
  /// What figures call the input.
  let title: String
  /// What joining the samples adds to the settings of the run.
  let settings: [(String, JSONValue)]
  /// What sc-knn made of X, as `ownDerivedParts` names it.
  let derived: [String]
  /// What sc-preprocess left in raw earlier, `log` or `counts`; nil if raw is the user's.
  let ownRaw: String?
}

extension Preprocess {
  /// Reads the input, its labels and its second modality, and finds the counts.
  ///
  /// Throws what is wrong with the files or their values, and a `ValidationError` for options that
  /// mean nothing for them.
  func read(in stage: Stage) throws -> PreprocessInput {
    if let table = try sampleTable(in: stage) { return try read(table, in: stage) }
    let areRenamed = Atomic(false)
    var reading = source.reading(rna: pairing.rna)
    reading.second = pairing.choice
    reading.renamedCells = { areRenamed.store(true, ordering: .relaxed) }
    let path = input.named[0].path
    var (cells, crc) = try stage.open(
      path, verifying: !input.skipsVerification, reading: reading
    ) {
      .preprocessing(
        $0, subsample: filters.subsample, genes: filters.genes,
        keepingAll: !filters.onlyVariable, beside: quality.memory($0))
    }
    try stage.begin(with: cells)
    reading.announce = { stage.log.note($0) }
    try DataFormats.makeCellNamesUnique(&cells, reading)
    if source.makeUnique && !areRenamed.load(ordering: .relaxed) {
      stage.log.note("--make-unique changes nothing: every cell has its own name")
    }
    var columns = OwnColumns(of: cells)
    let second = try labelsAndSecond(of: &cells, &columns, in: stage)
    if let key = filters.batchKey {
      _ = try cells.obs.batchClasses(key)
    } else {
      cells.remarkOnBatches(stage.log)
    }
    let derived = cells.ownDerivedParts
    let (counts, ownRaw) = try counts(of: &cells, columns, derived, in: stage)
    // The result replaces both: their memory is released once the counts are filtered.
    cells.x = nil
    cells.layers["counts"] = nil
    cells.leaveOutNonFinite(in: stage)
    return PreprocessInput(
      cells: cells, counts: counts, columns: columns, second: second, crc: crc,
      batchKey: filters.batchKey, title: path.sampleName, settings: [], derived: derived,
      ownRaw: ownRaw)
  }

  /// The counts of one input: of all genes, even if an earlier run left some of them in raw alone.
  private func counts(
    of cells: inout CellData, _ columns: OwnColumns, _ derived: [String], in stage: Stage
  ) throws -> (CountSource, ownRaw: String?) {
    if source.layer == nil, let all = cells.restoreAllGenes(columns, derived, in: stage) {
      return (all.counts, all.form)
    }
    let found = try CountSource(
      of: cells, layer: source.layer, allowingNonInteger: source.allowNoninteger,
      log: stage.log)
    found.remarkOnSums(of: cells, stage.log)
    return (found, cells.formOfOwnRaw)
  }

  /// The same of several samples.
  private func read(_ table: SampleTable, in stage: Stage) throws -> PreprocessInput {
    var columns = OwnColumns()
    let joined = try joined(table, columns: &columns, in: stage)
    var cells = joined.cells
    let count = table.samples.count
    try stage.begin(with: cells, called: count == 1 ? nil : "\(count) samples")
    try stage.options.requireEffects(["the number of inputs": "\(count)"])
    // A second modality may drop cells that do not have it, and their counts with them.
    let second = try labelsAndSecond(of: &cells, &columns, in: stage)
    guard let counts = cells.x?.sparse() else { preconditionFailure("samples have counts") }
    cells.x = nil
    cells.leaveOutNonFinite(in: stage)
    return PreprocessInput(
      cells: cells, counts: CountSource(found: counts), columns: columns, second: second,
      crc: joined.crc,
      batchKey: filters.batchKey ?? (count == 1 ? nil : joined.column),
      title: count == 1 ? table.samples[0].name : "\(count) samples",
      settings: [
        ("samples", .array(table.samples.map { .string($0.name) })),
        ("join", .string((samples.join ?? .inner).rawValue)),
        ("batch_key", .optional(filters.batchKey ?? (count == 1 ? nil : joined.column))),
      ], derived: [], ownRaw: nil)
  }

  /// Adds the labels and finds the second modality; both then have the same cells.
  private func labelsAndSecond(
    of cells: inout CellData, _ columns: inout OwnColumns, in stage: Stage
  ) throws -> (SecondSource, crc: String?)? {
    if let labels = source.labels {
      try attachLabels(labels, to: &cells, columns: &columns, in: stage)
    }
    let second = try second(for: &cells, in: stage)
    sayUnused(cells.modalities.map(\.name), beside: second?.0.name, stage.log)
    try stage.options.requireEffects(
      [
        "the second modality": second?.0.name ?? PairingOptions.none,
        "the input": stage.inputFormats,
      ])
    return second
  }
}
