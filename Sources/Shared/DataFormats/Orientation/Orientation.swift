// The orientation of a matrix is decided in one place. The user's option comes first; after it the
// names are checked against the layout of the format.

import CellData
import Tensors

/// What the rows of a file's matrix are.
package enum Orientation: String, CaseIterable, Sendable, CustomStringConvertible {
  case cells, genes

  package var description: String { rawValue }
  package var other: Orientation { self == .cells ? .genes : .cells }
}

extension FileFormat {
  /// What the rows of the matrix are by the format's own rule.
  package var rowsByRule: Orientation { [.loom, .tenXHDF5].contains(self) ? .genes : .cells }
}

extension ReadingOptions {
  /// What the rows are according to the user, in a format whose rows are usually `usual`; nil
  /// without such an option.
  package func givenRows(usual: Orientation) -> Orientation? {
    orientation ?? (isTransposed ? usual.other : nil)
  }

  /// What the rows are by the names of the cells, if these are known; nil if the names of neither
  /// axis show it. A transposition is announced.
  func rowsByKnownCells(
    rows: [String], columns: [String], usual: Orientation = .cells
  ) -> Orientation? {
    guard let knownCells else { return nil }
    var (byRow, byColumn) = (
      rows.count(where: knownCells.contains), columns.count(where: knownCells.contains)
    )
    if byRow == 0 && byColumn == 0 {
      // CITE-seq-Count leaves the -1 out.
      let known = Set(knownCells.flatMap { [$0[...], DataFormats.barcodeStem($0)] })
      func isKnown(_ name: String) -> Bool {
        known.contains(name[...]) || known.contains(DataFormats.barcodeStem(name))
      }
      (byRow, byColumn) = (rows.count(where: isKnown), columns.count(where: isKnown))
    }
    if byRow == byColumn { return nil }
    let found: Orientation = byRow > byColumn ? .cells : .genes
    if found != usual {
      announce?(
        "its matrix is transposed: its \(found == .cells ? "rows" : "columns") have the names of the input's cells"
      )
    }
    return found
  }
}

extension DataFormats {
  /// A barcode without its ending: `AAAC` of `AAAC-1`.
  package static func barcodeStem(_ name: String) -> Substring {
    name.lastIndex { "-_.#:".contains($0) }.map { name[..<$0] } ?? name[...]
  }

  /// The object with its cells in the rows. It is unchanged if the user gave no option and the
  /// names do not contradict.
  ///
  /// - Parameter rows: what the rows of the file are by the format's rule.
  /// Throws if names contradict and the user can give an option, and if an object cannot be
  /// transposed. Otherwise it only announces a contradiction.
  package static func oriented(
    _ data: CellData, rows: Orientation = .cells, options: ReadingOptions
  ) throws -> CellData {
    let names = (cells: data.obs.index, genes: data.var.index)
    let (inRows, inColumns) =
      rows == .cells ? (names.cells, names.genes) : (names.genes, names.cells)
    if let given = options.givenRows(usual: rows) {
      options.sayDoubt(of: given, rows: inRows, columns: inColumns)
      return given == rows ? data : try data.turned(options)
    }
    if let found = options.rowsByKnownCells(rows: inRows, columns: inColumns, usual: rows) {
      return found == rows ? data : try data.turned(options)
    }
    // A stage before this one has decided.
    guard data.history.isEmpty else { return data }
    guard
      NameEvidence.contradicts(cells: NameEvidence(names.cells), genes: NameEvidence(names.genes))
    else { return data }
    let problem = misorientation(
      rows: NameEvidence(inRows), columns: NameEvidence(inColumns), readAs: rows)
    try options.object(to: problem, rows: rows)
    return data
  }

  /// What a contradiction of names and layout is called.
  static func misorientation(
    rows: NameEvidence, columns: NameEvidence, corner: String? = nil, readAs usual: Orientation
  ) -> String {
    let over = corner.map { ["the first field of its header is '\($0)'"] } ?? []
    let clauses = [("rows", rows.clause), ("columns", columns.clause)].compactMap { axis, clause in
      clause.map { "its \(axis) \($0)" }
    }
    return (over + clauses).joined(separator: ", ") + "; the rows were treated as \(usual)"
  }
}

extension ReadingOptions {
  /// Warns if the names contradict the user's option for the layout.
  func sayDoubt(of given: Orientation, rows: [String], columns: [String]) {
    let (one, other) = (NameEvidence(rows), NameEvidence(columns))
    let (cells, genes) = given == .cells ? (one, other) : (other, one)
    guard NameEvidence.contradicts(cells: cells, genes: genes) else { return }
    let problem = DataFormats.misorientation(rows: one, columns: other, readAs: given)
    announce?("\(problem), as asked")
  }

  /// Warns if names are only the numbers of the rows.
  func sayRowNumbers(_ names: [String], of kind: String) {
    guard countsRows(names) else { return }
    let first = names.prefix(3).joined(separator: ", ")
    announce?("its \(kind) have numbers as names: \(first)\(names.count > 3 ? ", …" : "")")
  }

  /// Throws a fault about the layout if the user can transpose it; else announces it.
  ///
  /// - Parameters:
  ///   - rows: what the rows were treated as.
  ///   - advice: what to do, if it is something else than to turn the matrix.
  func object(to problem: String, rows: Orientation = .cells, advice: String? = nil) throws {
    guard isOrientationChecked else {
      announce?(problem)
      return
    }
    let turning =
      "give --transpose (or --orientation \(rows.other)) to transpose it, --orientation \(rows) to keep it"
    throw FormatFault("", problem, advice ?? turning)
  }
}

extension CellData {
  /// Cells for genes and genes for cells. What has no place then is left out, and announced.
  ///
  /// Throws for an object with further measurements of the same cells.
  func turned(_ options: ReadingOptions) throws -> CellData {
    guard modalities.isEmpty else {
      throw FormatFault(
        "", "a file of several modalities cannot be transposed",
        "transpose it in the program that wrote it")
    }
    var result = CellData(
      obs: self.var.renamingGenerated("gene", "cell"),
      var: obs.renamingGenerated("cell", "gene"), x: x?.transposed())
    result.layers = layers.mapValues { $0.transposed() }
    (result.obsm, result.varm) = (varm, obsm)
    (result.tensors, result.settings, result.history) = (tensors, settings, history)
    result.exchangeIndexNames()
    let lost = (raw == nil ? [] : ["raw"]) + obsp.keys.sorted().map { "obsp/\($0)" }
    if !lost.isEmpty {
      options.announce?(
        "\(lost.joined(separator: ", ")): left out because the matrix was transposed")
    }
    return result
  }
}

extension Frame {
  /// Names that were made up for one axis, made up for the other.
  fileprivate func renamingGenerated(_ prefix: String, _ other: String) -> Frame {
    guard index.first == "\(prefix)_1", index.last == "\(prefix)_\(rowCount)" else { return self }
    var result = self
    result.index = index.indices.map { "\(other)_\($0 + 1)" }
    return result
  }
}
