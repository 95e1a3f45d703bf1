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
}

extension Preprocess {
  /// Reads the input, its labels and its second modality, and finds the counts.
  ///
  /// Throws what is wrong with the files or their values, and a `ValidationError` for options that
  /// mean nothing for them.
  func read(in stage: Stage) throws -> PreprocessInput {
    let areRenamed = Atomic(false)
    var reading = source.reading(rna: pairing.rna)
    reading.renamedCells = { areRenamed.store(true, ordering: .relaxed) }
    var (cells, crc) = try stage.open(input, reading: reading) {
      .preprocessing(
        $0, subsample: filters.subsample, genes: filters.genes, beside: quality.memory($0))
    }
    reading.announce = { stage.log.note($0) }
    try DataFormats.makeCellsDistinct(&cells, reading)
    if source.makeUnique && !areRenamed.load(ordering: .relaxed) {
      stage.log.note("--make-unique changes nothing: every cell has its own name")
    }
    var columns = OwnColumns(of: cells)
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
    let counts = try CountSource(
      of: cells, layer: source.layer, allowingNonInteger: source.allowNoninteger, log: stage.log)
    // Both are replaced by the result: what they hold goes as soon as the counts are filtered.
    cells.x = nil
    cells.layers["counts"] = nil
    cells.leaveOutNonFinite(stage.log)
    return PreprocessInput(
      cells: cells, counts: counts, columns: columns, second: second, crc: crc)
  }
}
