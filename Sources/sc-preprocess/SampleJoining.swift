// Several samples: each is read, oriented and turned into counts by itself, from any parts of its
// file. Their counts are then joined.

import CellData
import DataFormats
import StageSupport
import Synchronization
import Tensors

/// Samples that became one object.
struct JoinedSamples {
  /// Their counts are in X.
  let cells: CellData
  /// The column with the name of each cell's sample: `sample`.
  let column: String
  let crc: String
}

extension Preprocess {
  /// The samples to be joined; nil for one input without a name.
  func sampleTable(in stage: Stage) throws -> SampleTable? {
    if let path = samples.samples {
      let table = try SampleTable(try stage.readTable(path), at: path)
      try (files + table.samples.map { RunFile("--samples", $0.path, .reads) }).requireDistinct()
      return table
    }
    let named = input.named
    return named.count == 1 && named[0].name == nil ? nil : try SampleTable(named)
  }

  /// Reads the samples one by one and joins them. Reports the result.
  func joined(
    _ table: SampleTable, columns: inout OwnColumns, in stage: Stage
  ) throws -> JoinedSamples {
    try table.requireFiles(stage)
    var objects: [CellData] = []
    var sums: [String] = []
    let areRenamed = Atomic(false)
    for sample in table.samples {
      let (cells, crc) = try read(sample, in: stage) {
        areRenamed.store(true, ordering: .relaxed)
      }
      objects.append(cells)
      sums.append(crc)
    }
    if source.makeUnique && !areRenamed.load(ordering: .relaxed) {
      stage.log.note("--make-unique changes nothing: every cell of a sample has its own name")
    }
    matchRepeatedSymbols(in: &objects)
    try requireSharedGenes(objects, table)
    try requireMemory(for: objects, stage)
    nameApart(&objects, table, stage.log)
    let join = samples.join ?? .inner
    var result = JoinedCells(objects, by: join)
    let all = Set(objects.flatMap(\.var.index)).count
    let sizes = objects.map(\.cellCount)
    objects = []
    announce(result, table, sizes, genes: all, stage.log)
    var cells = result.cells
    result = JoinedCells([], by: join)
    let rows = sizes.enumerated().flatMap { Array(repeating: $0, count: $1) }
    let column = try write(table, rows, to: &cells, &columns)
    return JoinedSamples(
      cells: cells, column: column,
      crc: hexDigits(crc32(Array(sums.joined(separator: " ").utf8).span)))
  }

  /// One sample: its counts in X, and what its file holds about cells and genes. What an earlier
  /// run of this stage computed is left out.
  private func read(
    _ sample: Sample, in stage: Stage, renamed: @escaping @Sendable () -> Void
  ) throws -> (CellData, crc: String) {
    var reading = source.reading(rna: pairing.rna)
    reading.second = pairing.choice
    reading.renamedCells = renamed
    var (cells, crc) = try stage.open(
      sample.path, verifying: !input.skipsVerification, reading: reading
    ) { .reading($0) }
    let name = sample.path.isStandard ? "standard input" : sample.path.description
    reading.announce = { stage.log.note("\(name): \($0)") }
    return try locating(name) {
      try DataFormats.makeCellNamesUnique(&cells, reading)
      var found = try CountSource(
        of: cells, layer: source.layer, allowingNonInteger: source.allowNoninteger,
        log: stage.log)
      try requireAllGenes(of: cells, found, name, stage.log)
      found.remarkOnSums(of: cells, in: name, stage.log)
      var result = CellData(obs: cells.obs, var: found.genes(of: cells))
      if found.place != .raw { result.layers = cells.layers }
      result.layers["counts"] = nil
      cells.remove(cells.ownDerivedParts)
      (result.obsm, result.obsp, result.varm) = (cells.obsm, cells.obsp, cells.varm)
      (result.modalities, result.settings) = (cells.modalities, cells.settings)
      for axis in [Axis.obs, .var] {
        for column in cells[axis].columnNames where cells.isOwn(column, of: axis) {
          result[axis][column] = nil
        }
      }
      result.x = .sparse(found.takeMatrix())
      return (result, crc)
    }
  }

  /// Reports that raw of a sample is dropped. Throws kind `badData` if only the variable genes are
  /// left without it: those of another sample would count as absent.
  private func requireAllGenes(
    of cells: CellData, _ found: CountSource, _ name: String, _ log: Log
  ) throws {
    guard let raw = cells.raw, found.place != .raw else { return }
    let (left, all) = (cells.geneCount, raw.var.rowCount)
    if cells.recordedFormOfRaw != nil && left < all {
      throw StageFault(
        .badData,
        "it has the counts of \(left) variable genes of \(all); give the file that sc-preprocess read"
      )
    }
    log.note("\(name): raw is dropped; samples are joined by the genes of their counts")
  }

  /// Throws kind `badData` if a sample shares too few genes with the others. It needs one that all
  /// have, or with --join outer, one that any has.
  private func requireSharedGenes(_ objects: [CellData], _ table: SampleTable) throws {
    guard objects.count > 1 else { return }
    try requireNamedGenes(objects, table)
    func fault(_ what: String, _ one: Int, _ other: Int) -> StageFault {
      StageFault(
        .badData,
        "\(what): genes of '\(table.samples[one].name)' are called '\(objects[one].var.index.first ?? "")', those of '\(table.samples[other].name)' '\(objects[other].var.index.first ?? "")'; give them the same kind of names",
        in: table.samples[one].path.description)
    }
    let sets = objects.map { Set($0.var.index) }
    for one in objects.indices {
      let others = objects.indices.filter { $0 != one }
      if let other = others.first, others.allSatisfy({ sets[$0].isDisjoint(with: sets[one]) }) {
        throw fault("shares no gene with any other sample", one, other)
      }
    }
    guard samples.join != .outer else { return }
    var common = sets[0]
    for other in objects.indices.dropFirst() {
      common.formIntersection(sets[other])
      if common.isEmpty {
        throw fault("no gene is in all \(objects.count) samples", other, 0)
      }
    }
  }

  private func requireMemory(for objects: [CellData], _ stage: Stage) throws {
    let entries = objects.reduce(0) { $0 + $1.extent.entries }
    let cells = objects.reduce(0) { $0 + $1.cellCount }
    let extent = DataExtent(
      cells: cells, genes: objects.map(\.geneCount).max() ?? 0, entries: entries,
      bytes: 16 * entries + 1000 * cells)
    try stage.require(
      .preprocessing(
        extent, subsample: filters.subsample, genes: filters.genes,
        keepingAll: !filters.onlyVariable, beside: quality.memory(extent)))
  }

  /// If two samples have a cell of one name, appends the name of its sample to every cell's name.
  private func nameApart(_ objects: inout [CellData], _ table: SampleTable, _ log: Log) {
    var seen: Set<String> = []
    let shared = objects.lazy.flatMap(\.obs.index).first { !seen.insert($0).inserted }
    guard let shared else { return }
    for (place, sample) in table.samples.enumerated() {
      objects[place].obs.index = objects[place].obs.index.map { "\($0)-\(sample.name)" }
    }
    log.note(
      "cells of several samples have the same names; each gets the name of its sample as a suffix: '\(shared)' of '\(table.samples[0].name)' becomes '\(shared)-\(table.samples[0].name)'"
    )
  }

  private func announce(
    _ result: JoinedCells, _ table: SampleTable, _ sizes: [Int], genes all: Int, _ log: Log
  ) {
    let sizes = zip(table.samples, sizes).prefix(20).map { "\($1) of '\($0.name)'" }
    let more = table.samples.count - sizes.count
    let list = sizes.joined(separator: ", ") + (more > 0 ? " and \(more) more samples" : "")
    let kept = result.cells.geneCount
    let isInner = (samples.join ?? .inner) == .inner
    let genes =
      isInner
      ? kept == all
        ? "\(kept) genes, the same in all"
        : "\(kept) of \(all) genes, those that all have (--join outer keeps the others)"
      : "\(kept) genes, those of any"
    log.note("joined \(result.cells.cellCount) cells (\(list)) by \(genes)")
    if !result.leftOut.isEmpty {
      log.note(
        "left out because the samples differ in it: \(result.leftOut.sorted().joined(separator: ", "))"
      )
    }
  }

  /// Writes the samples' names, and what a table has of them, into obs. Returns the column of the
  /// names.
  ///
  /// Throws kind `badData` if the table contradicts a cell's own file.
  private func write(
    _ table: SampleTable, _ rows: [Int], to cells: inout CellData, _ columns: inout OwnColumns
  ) throws -> String {
    let all = Array(rows.indices)
    for (name, column) in table.columns(of: rows) {
      let parts = [cells.obs[name], column].compactMap(\.self).map { (column: $0, rows: all) }
      guard let joined = Column.joining(parts, count: rows.count) else {
        let place = samples.samples.map { $0.isStandard ? "standard input" : $0.description }
        throw StageFault(
          .badData,
          "the column '\(name)' has other values than obs/\(name) of the cells; give it another name",
          in: place ?? "--samples")
      }
      cells.obs[name] = parts.count == 1 ? column : joined
    }
    let names = Categories(
      codes: Buffer(rows.map { Int32($0) }), names: table.samples.map(\.name))
    return columns.write(.categorical(names), "sample", to: &cells)
  }
}
