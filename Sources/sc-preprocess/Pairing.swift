// Finding the second modality: in the input itself, or in a file of its own whose cells are matched
// by their barcodes.

import CellData
import DataFormats
import StageSupport
import Tensors

extension Preprocess {
  /// The second modality with the cells that both have; other cells are removed from `cells`. Nil
  /// for RNA alone.
  ///
  /// Throws kind `usage` for a modality that is not there. Throws `badData` if no barcode is common
  /// or the modality holds nothing.
  func second(for cells: inout CellData, in stage: Stage) throws -> (SecondSource, crc: String?)? {
    if let path = pairing.second {
      var reading = source.reading(beside: cells.obs.index)
      if let name = pairing.secondModality { reading.second = .named(name) }
      let (other, crc) = try stage.open(path, reading: reading)
      let found = try secondInFile(other, stage.log)
      let matched = try match(&cells, found.modality, in: path.description)
      return (
        try SecondSource(
          matched.modality, kind: found.kind, beside: &cells, unmatched: matched.unmatched,
          log: stage.log), crc
      )
    }
    guard let found = try chosen(among: cells.modalities) else { return nil }
    return (
      try SecondSource(
        found.modality, kind: found.kind, beside: &cells, unmatched: (0, 0), log: stage.log), nil
    )
  }

  /// The modality asked for, else the first of proteins or peaks.
  private func chosen(
    among modalities: [Modality]
  ) throws -> (modality: Modality, kind: FeatureKind)? {
    let wanted = pairing.secondModality
    if wanted == PairingOptions.none { return nil }
    let kinds = modalities.map { FeatureKind(modality: $0.name, features: $0.data.var) }
    if let wanted {
      guard let place = modalities.firstIndex(where: { $0.name == wanted }) else {
        throw StageFault(
          .usage,
          "--second-modality \(wanted): there is no such modality beside the RNA; there are \(listed(modalities.map(\.name)))"
        )
      }
      return (modalities[place], kinds[place])
    }
    let known = modalities.indices.filter { kinds[$0] == .proteins || kinds[$0] == .peaks }
    guard let first = known.first else { return nil }
    return (modalities[first], kinds[first])
  }

  /// Reports which modalities are not used, and where they are found in the output.
  func sayUnused(_ names: [String], beside second: String?, _ log: Log) {
    if pairing.secondModality == PairingOptions.none { return }
    if pairing.second != nil, let second, names.contains(second) {
      log.note("modality '\(second)' of the input is replaced by that of --second")
    }
    let unused = names.filter { $0 != second }
    guard let first = unused.first else { return }
    let isAnnData = output.resolvedFormat.isAnnData
    let place =
      isAnnData
      ? "; AnnData has no place for them: they are written to uns, which other programs do not read; an .h5mu file keeps them as modalities"
      : ""
    let advice =
      pairing.second == nil ? "; --second-modality \(first) puts that one beside the RNA" : ""
    log.note("modalities that are copied but not used: \(listed(unused))\(place)\(advice)")
  }

  /// What a file for --second offers: the modality asked for, else its proteins or peaks, else its
  /// one matrix.
  private func secondInFile(
    _ other: CellData, _ log: Log
  ) throws -> (modality: Modality, kind: FeatureKind) {
    if !other.modalities.isEmpty, let found = try chosen(among: other.modalities) {
      let left = other.modalities.map(\.name).filter { $0 != found.modality.name }
      log.note(
        "only '\(found.modality.name)' of the --second file is read, not its main matrix"
          + (left.isEmpty ? "" : ", nor \(listed(left))"))
      return found
    }
    if !other.modalities.isEmpty {
      log.note(
        "only the main matrix of the --second file is read, not \(listed(other.modalities.map(\.name)))"
      )
    }
    let name = pairing.secondModality ?? ""
    // The kind of the features shows more than their name.
    var kind = FeatureKind(modality: "", features: other.var)
    if kind == .other {
      kind = FeatureKind(name: name) ?? (other.geneCount <= 500 ? .proteins : .other)
    }
    let usual = kind == .proteins ? "adt" : kind == .peaks ? "atac" : "second"
    var data = other
    (data.modalities, data.history) = ([], [])
    // What an earlier run wrote for this matrix alone is written again for the second modality.
    for name in ["size_factors", "n_counts"] where other.isOwn(name) { data.obs[name] = nil }
    for name in ["mean", "std"] where other.isOwn(name, of: .var) { data.var[name] = nil }
    return (Modality(name: name.isEmpty ? usual : name, data: data), kind)
  }

  /// Cuts both to the cells that both have, in the order of the RNA.
  private func match(
    _ cells: inout CellData, _ modality: Modality, in file: String
  ) throws -> (modality: Modality, unmatched: (rna: Int, second: Int)) {
    try requireNamedCells(cells.obs, modality.data.obs, in: file)
    var row: [String: Int] = [:]
    for (i, name) in modality.data.obs.index.enumerated()
    where row.updateValue(i, forKey: name) != nil {
      throw StageFault(
        .badData, "barcode '\(name)' appears twice; make the barcodes unique", in: file)
    }
    let common = cells.obs.index.indices.filter { row[cells.obs.index[$0]] != nil }
    guard !common.isEmpty else {
      throw StageFault(.badData, noCommonCells(cells.obs.index, modality.data.obs.index), in: file)
    }
    let unmatched = (
      rna: cells.cellCount - common.count, second: modality.data.cellCount - common.count
    )
    cells = cells.selectingCells(common)
    let rows = cells.obs.index.compactMap { row[$0] }
    return (Modality(name: modality.name, data: modality.data.selectingCells(rows)), unmatched)
  }
}

/// Throws kind `badData` if cells of both files have only numbers as names. So it does if a column
/// says that most cells of one name are others.
private func requireNamedCells(_ rna: Frame, _ second: Frame, in file: String) throws {
  if rna.isNumbered && second.isNumbered {
    throw StageFault(
      .badData,
      "the cells here and those of the RNA have only the numbers of rows as names, by which they cannot be matched; give both their barcodes as names",
      in: file)
  }
  if let column = second.contradictedColumn(by: rna) {
    throw StageFault(
      .badData,
      "obs/\(column) names other cells than the RNA's obs/\(column) for most names; give both their barcodes as names",
      in: file)
  }
}

/// Why no barcode is common: an example of each side, and the ending in which they differ if it is
/// that.
private func noCommonCells(_ rna: [String], _ second: [String]) -> String {
  let stems = Set(rna.map(DataFormats.barcodeStem))
  let differsInEnding = second.contains {
    stems.contains(DataFormats.barcodeStem($0)) || stems.contains($0[...])
  }
  let advice =
    differsInEnding
    ? "they differ in their endings: make these the same" : "give the files of the same cells"
  return
    "no barcode is common with the RNA's: '\(rna.first ?? "")' there, '\(second.first ?? "")' here; \(advice)"
}
