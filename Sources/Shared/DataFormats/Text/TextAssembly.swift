import CellData
import Tensors

/// Makes the object of a table: decides what its rows are, what names them, and which columns are
/// no values. Reports its decisions.
struct TextAssembly {
  private var table: TextMatrix
  private let options: ReadingOptions

  init(_ table: TextMatrix, _ options: ReadingOptions) {
    self.table = table
    self.options = options
  }

  /// Throws if names contradict the layout, or if a cell's name appears twice.
  consuming func cells() throws -> CellData {
    nameCosMxCells()
    if table.head.isFeatureCounts { shortenFileNames() }
    setFractionsApart()
    let rows = try rowsAre()
    takeSymbols(rows)
    sayRowNumbers(rows)
    var result = try object(rows)
    if rows == .cells {
      attach(table.rowAnnotations, to: &result.obs, "obs")
      attach(table.columnAnnotations, to: &result.var, "var")
    } else {
      attach(table.rowAnnotations, to: &result.var, "var")
      attach(table.columnAnnotations, to: &result.obs, "obs")
    }
    return result
  }

  private func object(_ rows: Orientation) throws -> CellData {
    let matrix = rows == .cells ? table.matrix : table.matrix.transposed()
    if rows == .cells { try checkNames(table.rows) }
    let cells = try distinctCells(
      rows == .cells ? table.rows : table.columns, at: rows == .cells ? "column 1" : "line 1",
      options)
    let genes = filledNames(
      rows == .cells ? table.columns : table.rows, from: nil,
      at: rows == .cells ? "line 1" : "column 1", options)
    let size = matrix.rows * matrix.columns
    let isDense = Double(matrix.entryCount) >= denseShare * Double(size)
    return CellData(
      obs: Frame(index: cells), var: Frame(index: uniqueNames(genes)),
      x: isDense ? .dense(matrix.densified()) : .sparse(matrix))
  }

  /// Throws for a table that was written without its names: the first gene's counts are in their
  /// place.
  private func checkNames(_ cells: [String]) throws {
    guard let place = table.head.roles.firstIndex(of: .name) else { return }
    let header = table.head.header[place]
    let word = AnnotationWords.plain(header)
    guard !AnnotationWords.cells.contains(word), !header.isEmpty, !header.hasPrefix("Unnamed"),
      cells.allSatisfy({ Double($0) != nil }), !countsRows(cells)
    else { return }
    let isGene =
      NamePatterns.kind(of: header) == .gene || NamePatterns.kind(of: header) == .numberedGene
    if isGene || Set(cells).count < cells.count {
      throw FormatFault(
        "column \(place + 1)", "'\(header)' holds numbers, not the names of cells",
        "write the table with a first column of names")
    }
  }

  // MARK: What the rows are

  /// The rows by the user's option, else by the program that wrote the table, else cells, unless
  /// names and the field over them contradict.
  private func rowsAre() throws -> Orientation {
    let known = table.head.knownRows
    let asked: Orientation? =
      options.orientation ?? (known == nil && options.isTransposed ? .genes : nil)
    if let asked {
      options.sayDoubt(of: asked, rows: table.rows, columns: table.columns)
      return asked
    }
    if let known { return known }
    if let found = options.rowsByKnownCells(rows: table.rows, columns: table.columns) {
      return found
    }
    let (cells, genes) = (NameEvidence(table.rows), NameEvidence(table.columns))
    let corner = table.head.cornerRows
    if NameEvidence.contradicts(cells: cells, genes: genes, corner: corner) {
      let over = corner == .genes ? cornerText : nil
      try options.object(
        to: DataFormats.misorientation(
          rows: cells, columns: genes, corner: over, readAs: .cells), rows: .cells)
    }
    if cells.kind == genes.kind, corner == nil {
      options.announce?(
        "its \(table.rows.count) rows are treated as cells and its \(table.columns.count) columns as genes, because the names do not show which they are; --transpose exchanges them"
      )
    }
    return .cells
  }

  private var cornerText: String? {
    table.head.roles.firstIndex(of: .name).map { table.head.header[$0] }
  }

  // MARK: What names them

  private func sayRowNumbers(_ rows: Orientation) {
    options.sayRowNumbers(table.rows, of: rows.rawValue)
    options.sayRowNumbers(table.columns, of: rows.other.rawValue)
  }

  /// A CosMx matrix: `cell_ID` counts within a field of view, and 0 is outside of all cells.
  private mutating func nameCosMxCells() {
    guard let (fov, cell) = table.head.cosMx,
      let fovs = annotation(table.head.header[fov]) ?? nameTexts(fov),
      let numbers = annotation(table.head.header[cell]) ?? nameTexts(cell)
    else { return }
    let kept = numbers.indices.filter { numbers[$0] != "0" }
    // Some files have a column of names as well.
    let isNamed = table.head.roles[fov] != .name && table.head.roles[cell] != .name
    table.rows = kept.map { isNamed ? table.rows[$0] : "\(numbers[$0])_\(fovs[$0])" }
    if kept.count < numbers.count {
      table.matrix = table.matrix.selectingRows(kept)
      table.rowAnnotations = table.rowAnnotations.map { ($0.name, pick($0.texts, kept)) }
    }
    if !table.rowAnnotations.contains(where: { $0.name == table.head.header[fov] }) {
      table.rowAnnotations.insert((table.head.header[fov], pick(fovs, kept)), at: 0)
    }
    options.announce?(
      "a CosMx matrix\(isNamed ? "" : ": cells are named cell_ID_fov"); rows with cell_ID 0, which lie in no cell, are left out: \(numbers.count - kept.count)"
    )
  }

  private func pick(_ texts: [String], _ rows: [Int]) -> [String] { rows.map { texts[$0] } }

  private func annotation(_ name: String) -> [String]? {
    table.rowAnnotations.first { $0.name == name }?.texts
  }

  private func nameTexts(_ column: Int) -> [String]? {
    table.head.roles[column] == .name ? table.rows : nil
  }

  /// The columns of featureCounts are named after files. Folders and endings are removed if the
  /// names stay distinct.
  private mutating func shortenFileNames() {
    let endings = [
      ".bam", ".sam", ".Aligned.sortedByCoord.out", "Aligned.sortedByCoord.out", ".sorted",
    ]
    let short = table.columns.map { name in
      var stem = name.split(separator: "/").last.map(String.init) ?? name
      for ending in endings where stem.hasSuffix(ending) && stem.count > ending.count {
        stem.removeLast(ending.count)
      }
      return stem
    }
    let isDistinct = Set(short).count == short.count
    if isDistinct { table.columns = short }
    options.announce?(
      "a table of featureCounts: genes are its rows"
        + (isDistinct ? ", cells are named after their files, without folder and extension" : ""))
  }

  /// If a column of symbols follows the identifiers, genes take their names from it, as in 10x
  /// folders.
  private mutating func takeSymbols(_ rows: Orientation) {
    guard rows == .genes, let place = table.head.roles.firstIndex(of: .name),
      !AnnotationWords.symbols.contains(AnnotationWords.plain(table.head.header[place])),
      let column = table.rowAnnotations.firstIndex(where: {
        AnnotationWords.symbols.contains(AnnotationWords.plain($0.name))
      })
    else { return }
    let (name, symbols) = table.rowAnnotations.remove(at: column)
    let identifiers = table.rows
    table.rows = zip(symbols, identifiers).map { isMissingText($0) ? $1 : $0 }
    table.rowAnnotations.insert(("gene_ids", identifiers), at: 0)
    options.announce?(
      "genes are called by its column '\(name)'; the first column is in var/gene_ids")
  }

  // MARK: What is no value

  /// Among whole numbers a few columns of fractions are no counts.
  private mutating func setFractionsApart() {
    let columns = table.columns.count
    let apart = (0..<columns).filter { table.fractions[$0] * 2 > table.rows.count }
    let others = (0..<columns).filter { table.fractions[$0] == 0 }
    guard !apart.isEmpty, apart.count <= 10, others.count >= 20,
      apart.count + others.count == columns
    else { return }
    let dense = table.matrix.selectingColumns(apart).densified()
    for (place, column) in apart.enumerated() {
      let texts = (0..<dense.rows).map { String(dense[$0, place]) }
      table.rowAnnotations.append((table.columns[column], texts))
    }
    table.matrix = table.matrix.selectingColumns(others)
    table.columns = others.map { table.columns[$0] }
  }

  private func attach(
    _ annotations: [(name: String, texts: [String])], to frame: inout Frame, _ table: String
  ) {
    var names: [String] = []
    for (name, texts) in annotations {
      // Numbers of rows before the names.
      if countsRows(texts), name.isEmpty || name.hasPrefix("Unnamed") || name == "index" {
        continue
      }
      var key = name.isEmpty ? "column_1" : name
      while key != "gene_ids", frame[key] != nil { key += "_1" }
      frame[key] = Column(texts: texts)
      if key != "gene_ids" { names.append(key) }
    }
    if !names.isEmpty {
      options.announce?(
        "\(names.prefix(8).joined(separator: ", "))\(names.count > 8 ? ", …" : ""): no counts; kept in \(table)"
      )
    }
  }
}
