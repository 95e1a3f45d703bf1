// The names of the files of counting programs. Genes in rows: Cell Ranger and STARsolo write
// `matrix.mtx` with `features.tsv` (once `genes.tsv`) and `barcodes.tsv`.
//
// Cells in rows: kallisto | bustools writes `NAME.mtx` with `NAME.genes.txt`,
// `NAME.genes.names.txt` and `NAME.barcodes.txt`. alevin-fry writes `quants_mat.mtx` with
// `quants_mat_cols.txt` and `quants_mat_rows.txt`. Parse Biosciences writes `DGE.mtx` or
// `count_matrix.mtx` with `all_genes.csv` and `cell_metadata.csv`.
//
// Any of them may be packed by gzip, and may have a prefix before its name.

import Ground

//
// To add a program: its names in `lists(of:)`.

/// The files that one object is read from.
struct MatrixMarketFiles {
  /// One matrix, or the matrices of spliced, unspliced and ambiguous transcripts.
  let matrices: [(transcripts: Transcripts?, path: String)]
  let features: String?
  /// A list of names in addition to one of identifiers.
  let featureNames: String?
  let barcodes: String?
  /// Whether the program that uses these names writes cells × genes.
  let hasCellsInRows: Bool
  /// Lists that no program's names led to, but their own names and lengths.
  let found: FoundLists

  var all: [String] {
    matrices.map(\.path) + [features, featureNames, barcodes].compactMap { $0 }
  }

  init(path: String) throws {
    let isDirectory = try FileStatus(reading: path).isDirectory
    let cut = path.lastIndex(of: "/")
    let folder = isDirectory ? path : cut.map { String(path[..<$0]) + "/" } ?? "."
    let base = folder.hasSuffix("/") ? folder : folder + "/"
    let names = try FileStatus.names(inDirectory: folder)
    let parts =
      isDirectory
      ? try MatrixMarketFiles.matrixNames(names, base)
      : [(nil, cut.map { String(path[path.index(after: $0)...]) } ?? path)]
    matrices = isDirectory ? parts.map { ($0, base + $1) } : [(nil, path)]
    let name = parts[0].1
    let list = MatrixMarketFiles.list(of: name, isDirectory: isDirectory, in: Set(names))
    let (features, barcodes) = (list.features(in: Set(names)), list.barcodes(in: Set(names)))
    found = try FoundLists(
      beside: name, in: names, base: base, path: matrices[0].path, needsGenes: features == nil,
      needsCells: barcodes == nil)
    self.features = features.map { base + $0 } ?? found.genes
    self.barcodes = barcodes.map { base + $0 } ?? found.cells
    featureNames = list.names(in: Set(names)).map { base + $0 }
    let isOfProgram = features != nil || barcodes != nil || list.isForCellsAlone
    hasCellsInRows = found.hasCellsInRows ?? (isOfProgram && list.hasCellsInRows)
    if isDirectory, list.isComplete, self.features == nil || self.barcodes == nil {
      let missing = self.features == nil ? list.features.joined(separator: " or ") : list.barcodes
      throw FormatFault(
        "", "there is no \(missing) (or .gz) beside \(name)", "put the list beside it",
        kind: .noInput)
    }
  }

  /// The lists that belong to a matrix of that name by the rules of a program; if none exists,
  /// their expected names.
  private static func list(
    of name: String, isDirectory: Bool, in present: Set<String>
  ) -> NameLists {
    let lists = lists(of: name) + (isDirectory ? [NameLists(tenX: "")] : [])
    return lists.first { $0.features(in: present) != nil || $0.barcodes(in: present) != nil }
      ?? lists[0]
  }

  /// The lists that may belong to a matrix of that name, the likeliest first.
  private static func lists(of name: String) -> [NameLists] {
    var stem = name
    for ending in [".gz", ".mtx"] where stem.hasSuffix(ending) { stem.removeLast(ending.count) }
    if stem.hasSuffix("matrix"), !stem.hasSuffix("count_matrix") {
      return [NameLists(tenX: String(stem.dropLast(6)))]
    }
    if stem.hasSuffix("quants_mat") { return [NameLists(alevin: stem)] }
    if stem.hasSuffix("DGE") {
      var list = NameLists(parse: String(stem.dropLast(3)))
      list.isForCellsAlone = true
      return [list]
    }
    var lists = [NameLists(kallisto: stem)]
    if stem.hasSuffix("count_matrix") {
      lists.append(NameLists(parse: String(stem.dropLast(12))))
    }
    // One list for cells_x_genes.mature.mtx, cells_x_genes.nascent.mtx and more.
    if let dot = stem.lastIndex(of: ".") {
      lists.append(NameLists(kallisto: String(stem[..<dot])))
    }
    let ofSTARsolo = ["spliced", "unspliced", "ambiguous"]
    if ofSTARsolo.contains(stem) || stem.hasPrefix("UniqueAndMult-") {
      lists.append(NameLists(tenX: ""))
    }
    return lists
  }

  /// The matrix of a folder, or the three that belong together.
  private static func matrixNames(_ names: [String], _ base: String) throws -> [(
    Transcripts?, String
  )] {
    let all = names.filter { $0.hasSuffix(".mtx") || $0.hasSuffix(".mtx.gz") }
    func named(_ stem: String) -> String? {
      all.first { $0 == stem + ".mtx" || $0 == stem + ".mtx.gz" }
    }
    let standard = all.filter { name in
      ["matrix.mtx", "quants_mat.mtx"].contains { name.hasSuffix($0) || name.hasSuffix($0 + ".gz") }
    }
    if standard.isEmpty {
      if let one = named("cells_x_genes") { return [(nil, one)] }
      if let parts = SplicedCounts.names(named, lists: Set(names)) { return parts }
    }
    let found = standard.isEmpty ? all : standard
    guard let first = found.first else {
      throw withoutMatrix(names, base)
    }
    guard found.count == 1 else {
      throw FormatFault(
        "", "several matrices: \(found.prefix(4).joined(separator: ", "))", "name one of the files",
        kind: .usage)
    }
    return [(nil, first)]
  }
}

extension MatrixMarketFiles {
  /// Folders with a matrix one or two levels below, such as `Gene/raw` of STARsolo; at most six.
  private static func matrixFolders(below names: [String], _ base: String, deep: Int = 2)
    -> [String]
  {
    var found: [String] = []
    for name in names.prefix(100) where found.count < 6 {
      guard let inner = try? FileStatus.names(inDirectory: base + name) else { continue }
      if inner.contains("matrix.mtx") || inner.contains("matrix.mtx.gz") { found.append(name) }
      if deep > 1 {
        let deeper = matrixFolders(below: inner, base + name + "/", deep: deep - 1)
        found += deeper.map { "\(name)/\($0)" }
      }
    }
    return Array(found.prefix(6))
  }

  /// The message for a folder that has no matrix.
  private static func withoutMatrix(_ names: [String], _ base: String) -> FormatFault {
    if let kind = ForeignContent.kind(ofFolder: names) {
      return FormatFault("", kind.what, kind.advice)
    }
    // What `cp STORE/*` leaves.
    let marks = [".zmetadata", ".zattrs"] + names.map { "\($0)/.zgroup" }
    if marks.contains(where: { (try? FileStatus(reading: base + $0)) != nil }) {
      return FormatFault(
        "", "a zarr store without the file .zgroup",
        "copy the whole store again, the files that begin with a dot too")
    }
    let endings = [
      ".h5ad", ".zarr", ".zarr.zip", ".h5", ".h5mu", ".loom", ".csv", ".tsv", ".txt",
      ".safetensors",
    ]
    let readable = names.first { name in
      endings.contains { name.hasSuffix($0) || name.hasSuffix($0 + ".gz") }
    }
    let inner = matrixFolders(below: names, base)
    let advice =
      inner.isEmpty
      ? readable.map { "name the file that you mean, such as \($0)" }
      : "name the folder that you mean: \(inner.joined(separator: ", "))"
    return FormatFault(
      "", "a directory without matrix.mtx or matrix.mtx.gz",
      advice
        ?? "name the directory that holds a matrix (of 10x, STARsolo, kb, alevin-fry or Parse)",
      kind: .noInput)
  }
}

/// The names of a matrix's lists of names, without the `.gz` that each may have.
struct NameLists {
  let features: [String]
  let names: String?
  let barcodes: String
  let hasCellsInRows: Bool
  /// Whether the program always writes both.
  let isComplete: Bool
  /// Whether the matrix's name alone shows that its rows are cells.
  var isForCellsAlone = false

  init(tenX prefix: String) {
    features = ["\(prefix)features.tsv", "\(prefix)genes.tsv"]
    names = nil
    barcodes = "\(prefix)barcodes.tsv"
    (hasCellsInRows, isComplete) = (false, true)
  }

  init(kallisto stem: String) {
    features = ["\(stem).genes.txt"]
    names = "\(stem).genes.names.txt"
    barcodes = "\(stem).barcodes.txt"
    (hasCellsInRows, isComplete) = (true, stem == "cells_x_genes")
  }

  init(alevin stem: String) {
    features = ["\(stem)_cols.txt"]
    names = nil
    barcodes = "\(stem)_rows.txt"
    (hasCellsInRows, isComplete) = (true, true)
  }

  init(parse prefix: String) {
    features = ["\(prefix)all_genes.csv", "\(prefix)genes.csv"]
    names = nil
    barcodes = "\(prefix)cell_metadata.csv"
    (hasCellsInRows, isComplete) = (true, false)
  }

  func features(in present: Set<String>) -> String? {
    features.lazy.compactMap { NameLists.found($0, present) }.first
  }
  func names(in present: Set<String>) -> String? { names.flatMap { NameLists.found($0, present) } }
  func barcodes(in present: Set<String>) -> String? { NameLists.found(barcodes, present) }

  private static func found(_ name: String, _ present: Set<String>) -> String? {
    [name + ".gz", name].first(where: present.contains)
  }
}

extension DataFormats {
  /// The files that a folder is read from, sorted.
  package static func files(ofFolder path: String) throws -> [String] {
    if try ZarrTree.isStore(path) { return try ZarrFolder.all(in: path).sorted() }
    return try MatrixMarketFiles(path: path).all.sorted()
  }
}
