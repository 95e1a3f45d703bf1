import CellData
import Tensors

/// Reads a folder of a counting program (MatrixMarketFiles knows their names), or a single Matrix
/// Market file. The lists of names of a single file are looked for in its folder.
struct MatrixMarketReader {
  let path: String
  let options: ReadingOptions

  func read() throws -> CellData {
    let files = try MatrixMarketFiles(path: path)
    var entries: [MatrixMarketTriplets] = []
    for part in files.matrices { entries.append(try triplets(part.path)) }
    let axes = [entries[0].rows, entries[0].columns]
    var features = try files.features.map { try self.features($0, files, axes) }
    let cells = try files.barcodes.map { try self.cells($0, files, axes) }
    let lengths = (genes: features?.names.count, cells: cells?.names.count)
    var matrices: [SparseMatrix<Float>] = []
    for index in entries.indices {
      matrices.append(try matrix(&entries[index], lengths, files, isFirst: index == 0))
    }
    sayNames(files, lengths)
    let spliced = try SplicedCounts(files.matrices.map(\.transcripts), matrices, &features)
    let x = spliced?.counts ?? matrices[0]
    let list = try features ?? TenXFeatures(generated: x.columns)
    let names = try cells?.names ?? generatedNames("cell", x.rows)
    options.sayRowNumbers(cells == nil ? [] : names, of: "cells")
    options.sayRowNumbers(features == nil ? [] : list.names, of: "genes")
    try checkLists(cells: names, genes: list.names)
    var data = try list.assemble(x, barcodes: names, options: options, at: "barcodes")
    for (name, values) in cells?.columns ?? [] { data.obs[name] = values }
    if let spliced, data.modalities.isEmpty {
      for (kind, layer) in spliced.layers { data.layers[kind.rawValue] = .sparse(layer) }
      options.announce?(
        "the counts are those of spliced and ambiguous transcripts; layers/unspliced has the others"
      )
    }
    return data
  }

  private func triplets(_ file: String) throws -> MatrixMarketTriplets {
    try inFile(file) {
      try MatrixMarketFile(path: file, budget: options.memoryBudget).read(
        progress: options.progress ?? { _, _ in })
    }
  }

  /// One file as cells × genes. Repeated entries are added, and a message reports that.
  private func matrix(
    _ entries: inout MatrixMarketTriplets, _ lengths: (genes: Int?, cells: Int?),
    _ files: MatrixMarketFiles, isFirst: Bool
  ) throws -> SparseMatrix<Float> {
    if try rowsAre(entries, lengths, files, isFirst) == .cells { entries.swapAxes() }
    let (matrix, added) = entries.compressed()
    if added > 0 {
      options.announce?(
        "repeated entries were added: \(added)")
    }
    return matrix
  }

  // MARK: Lists

  private func features(_ list: String, _ files: MatrixMarketFiles, _ axes: [Int]) throws
    -> TenXFeatures
  {
    try inFile(list) {
      try names(list, axes).features(
        names: files.featureNames, isFound: list == files.found.genes)
    }
  }

  private func cells(_ list: String, _ files: MatrixMarketFiles, _ axes: [Int]) throws
    -> (names: [String], columns: [(name: String, values: Column)])
  {
    try inFile(list) { try names(list, axes).cells(isFound: list == files.found.cells) }
  }

  private func names(_ list: String, _ axes: [Int]) -> MatrixMarketNames {
    MatrixMarketNames(path: list, counts: axes, announce: options.announce)
  }

  /// What names were found, made up, or left aside.
  private func sayNames(_ files: MatrixMarketFiles, _ lengths: (genes: Int?, cells: Int?)) {
    let found = [("genes", files.found.genes), ("cells", files.found.cells)].compactMap {
      kind, path in path.map { "\(kind) are named by \(lastPart($0))" }
    }
    if !found.isEmpty { options.announce?(found.joined(separator: ", ")) }
    for (name, reason) in files.found.unused {
      options.announce?("\(name) is not used: \(reason)")
    }
    let made = [
      lengths.genes == nil ? "genes are called gene_1, gene_2, …" : nil,
      lengths.cells == nil ? "cells are called cell_1, cell_2, …" : nil,
    ].compactMap { $0 }
    if !made.isEmpty {
      options.announce?("no list of names fits beside it: \(made.joined(separator: ", "))")
    }
  }

  /// Throws if the names of the two lists seem to be exchanged.
  private func checkLists(cells: [String], genes: [String]) throws {
    let (one, other) = (NameEvidence(cells), NameEvidence(genes))
    guard NameEvidence.contradicts(cells: one, genes: other) else { return }
    let clauses = [
      one.clause.map { "the names of its cells \($0)" },
      other.clause.map { "those of its genes \($0)" },
    ].compactMap { $0 }
    let problem = clauses.joined(separator: ", ")
    if options.orientation != nil || options.isTransposed {
      options.announce?("\(problem); they are kept, because --orientation or --transpose says so")
      return
    }
    try options.object(
      to: problem, advice: "exchange the lists, or give --orientation genes or cells to keep them")
  }

  // MARK: Which way it lies

  /// What the rows are. The lengths of the lists decide. If both ways are possible, the user's
  /// option does, else the program that uses such names. 10x writes genes × cells; some programs
  /// write cells × genes.
  private func rowsAre(
    _ matrix: MatrixMarketTriplets, _ lengths: (genes: Int?, cells: Int?),
    _ files: MatrixMarketFiles, _ isFirst: Bool
  ) throws -> Orientation {
    let usual: Orientation = files.hasCellsInRows ? .cells : .genes
    let given = options.orientation ?? (options.isTransposed ? .cells : nil)
    let (rows, columns) = (matrix.rows, matrix.columns)
    let (genes, cells) = (lengths.genes, lengths.cells)
    let isGenesByCells = (genes ?? rows, cells ?? columns) == (rows, columns)
    let isCellsByGenes = (cells ?? rows, genes ?? columns) == (rows, columns)
    guard isGenesByCells || isCellsByGenes else {
      throw FormatFault(
        "",
        "a matrix of \(rows) × \(columns) with \(genes.map(String.init) ?? "no") genes and "
          + "\(cells.map(String.init) ?? "no") barcodes in the lists",
        "matrix and lists must belong together")
    }
    if isGenesByCells, isCellsByGenes {
      let isGuessed =
        (genes == nil && cells == nil) || files.found.genes != nil || files.found.cells != nil
      if given == nil, isGuessed, isFirst {
        options.announce?(
          "its \(rows) rows are treated as \(usual), its \(columns) columns as \(usual.other), because nothing shows which they are; --orientation \(usual.other) exchanges them"
        )
      }
      return given ?? usual
    }
    let fitting: Orientation = isCellsByGenes ? .cells : .genes
    if let given, given != fitting, isFirst { try refuse(given, fitting) }
    return fitting
  }

  /// What was asked for does not fit the lists.
  private func refuse(_ given: Orientation, _ fitting: Orientation) throws {
    guard options.orientation != nil else {
      options.announce?(
        "--transpose changes nothing: by the lengths of the lists the rows are \(fitting)")
      return
    }
    throw FormatFault(
      "", "by the lengths of the lists its rows are \(fitting), not \(given)",
      "leave --orientation out, or exchange the lists")
  }

  /// Puts the file's name before the place of a fault.
  private func inFile<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let fault as FormatFault {
      let name = lastPart(file)
      throw FormatFault(
        fault.place.isEmpty ? name : "\(name): \(fault.place)", fault.problem, fault.advice,
        kind: fault.kind)
    }
  }
}

/// The name of a file in its folder.
private func lastPart(_ path: String) -> String {
  path.split(separator: "/").last.map(String.init) ?? path
}
