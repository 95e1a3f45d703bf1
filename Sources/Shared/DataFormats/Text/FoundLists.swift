// Archives rename what programs wrote: `GSM1_matrix_S1.mtx` with `GSM1_genes_S1.tsv`, `counts.mtx`
// with `cell_names.txt`. A list is known by the words in its name. The other words show its matrix.
// It is used if its length fits an axis.

import Ground

/// The lists next to a matrix that have names of no program.
struct FoundLists {
  private(set) var genes: String?
  private(set) var cells: String?
  /// What lists of rows and columns show about the axes, if these were used.
  private(set) var hasCellsInRows: Bool?
  /// Lists that are not used, and why.
  private(set) var unused: [(name: String, reason: String)] = []

  /// What a list holds by the words in its name.
  private enum Kind: CaseIterable { case genes, cells, rows, columns }

  /// - Parameters:
  ///   - name: the matrix's; `path` leads to it.
  ///   - names: the names in the folder `base`.
  init(
    beside name: String, in names: [String], base: String, path: String, needsGenes: Bool,
    needsCells: Bool
  ) throws {
    guard needsGenes || needsCells, let sizes = try MatrixMarketFile.sizes(path: path) else {
      return
    }
    let isAlone = !names.contains { $0 != name && FoundLists.isMatrix($0) }
    let axes = [sizes[0], sizes[1]]
    if needsGenes { genes = list(.genes, axes, name, names, base, isAlone) }
    if needsCells { cells = list(.cells, axes, name, names, base, isAlone) }
    guard needsGenes, needsCells, genes == nil, cells == nil,
      let rows = list(.rows, [sizes[0]], name, names, base, isAlone),
      let columns = list(.columns, [sizes[1]], name, names, base, isAlone)
    else { return }
    let evidence = try [rows, columns].map { path in
      NameEvidence(try NameTable(path: path, counts: axes).names)
    }
    let isTurned = NameEvidence.contradicts(cells: evidence[1], genes: evidence[0])
    hasCellsInRows = isTurned
    (genes, cells) = isTurned ? (columns, rows) : (rows, columns)
  }

  /// The likeliest list of that kind whose length is one of `axes`.
  private mutating func list(
    _ kind: Kind, _ axes: [Int], _ matrix: String, _ names: [String], _ base: String,
    _ isAlone: Bool
  ) -> String? {
    let own = FoundLists.words(of: matrix)
    let candidates = names.compactMap { name -> (name: String, rank: [Int])? in
      guard name != matrix, FoundLists.isList(name), let rest = FoundLists.rest(of: name, kind, own)
      else {
        return nil
      }
      return (name, rest)
    }
    let sorted = candidates.sorted { $0.rank.lexicographicallyPrecedes($1.rank) }
    // A list with words that the matrix has not may belong to another one.
    let others = sorted.filter { $0.rank[0] > 0 }
    for candidate in sorted where candidate.rank[0] == 0 || (isAlone && others.count == 1) {
      do {
        // No list is as large: it is probably a matrix of its own.
        guard try FileStatus(reading: base + candidate.name).size <= 1 << 28,
          try !DataFormats.firstBytes(base + candidate.name).starts(with: "%%MatrixMarket".utf8)
        else { continue }
        let count = try NameTable(path: base + candidate.name, counts: axes).names.count
        if axes.contains(count) { return base + candidate.name }
        unused.append((candidate.name, "its \(count) names fit no axis of the matrix"))
      } catch {
        unused.append((candidate.name, (error as? FormatFault)?.description ?? "\(error)"))
      }
    }
    return nil
  }

  // MARK: Words

  private static func words(of kind: Kind) -> Set<String> {
    switch kind {
    case .genes: ["gene", "genes", "genenames", "genename", "feature", "features", "var", "peaks"]
    case .cells: ["cell", "cells", "cellnames", "barcode", "barcodes", "obs", "spots"]
    case .rows: ["row", "rows", "rownames"]
    case .columns: ["col", "cols", "column", "columns", "colnames"]
    }
  }

  private static let neutral: Set<String> = [
    "names", "name", "ids", "id", "list", "all", "metadata", "meta", "annotation", "annotations",
    "info", "table", "index", "anno", "annotate", "symbols", "data",
  ]

  private static func isMatrix(_ name: String) -> Bool {
    name.hasSuffix(".mtx") || name.hasSuffix(".mtx.gz")
  }

  private static func isList(_ name: String) -> Bool {
    [".tsv", ".txt", ".csv", ".tab"].contains { name.hasSuffix($0) || name.hasSuffix($0 + ".gz") }
  }

  /// Nil for a name that is of no such list; else the number of its words that the matrix lacks.
  /// Fewer shared words come first, then neutral ones.
  private static func rest(of name: String, _ kind: Kind, _ own: [String]) -> [Int]? {
    var left = words(of: name)
    var shared = 0
    let kinds = words(of: kind)
    let others = Kind.allCases.filter { $0 != kind }.map(words(of:)).reduce(Set()) { $0.union($1) }
    for word in own {
      // Words that a list shares with its matrix's name do not show the list's kind. The only word
      // of a kind does.
      let isLastOfKind = kinds.contains(word) && left.count { kinds.contains($0) } == 1
      if !isLastOfKind, let place = left.firstIndex(of: word) {
        left.remove(at: place)
        shared += 1
      }
    }
    guard left.contains(where: kinds.contains), !left.contains(where: others.contains) else {
      return nil
    }
    let foreign = left.count { !kinds.contains($0) && !neutral.contains($0) }
    return [foreign, -shared, left.count]
  }

  /// The words of a name, without its endings.
  private static func words(of name: String) -> [String] {
    var stem = name.lowercased()
    for ending in [".gz", ".mtx", ".tsv", ".txt", ".csv", ".tab"] where stem.hasSuffix(ending) {
      stem.removeLast(ending.count)
    }
    return stem.split(whereSeparator: { !$0.isLetter && !$0.isNumber }).map(String.init)
  }
}
