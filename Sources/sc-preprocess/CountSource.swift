import CellData
import Preprocessing
import StageSupport
import Tensors

/// Where in the object the counts are. It is the layer that is named, else layers/counts, else X,
/// else raw, else X or raw restored to counts.
struct CountSource {
  /// The object whose columns the matrix has.
  enum Place {
    case layer
    case x
    case raw
  }

  let place: Place
  /// The counts; without entries after they were taken. (N, G)
  private var matrix: SparseMatrix<Float>

  /// Warns that their sums are not those of the cells, if an earlier run has left genes out.
  func remarkOnSums(of cells: CellData, in name: String? = nil, _ log: Log) {
    cells.remark(onSumsOf: matrix, of: name, log)
  }

  /// The counts, which are then no longer held here: the memory ends with their last user. (N, G)
  mutating func takeMatrix() -> SparseMatrix<Float> {
    defer {
      matrix = SparseMatrix(
        rows: 0, columns: matrix.columns, indptr: Buffer(repeating: 0, count: 1),
        indices: Buffer([]),
        values: Buffer([]))
    }
    return matrix
  }

  /// Throws the fault that `CountRecovery` finds in the most promising matrix. Throws kind
  /// `badData`, with the layers that there are, if no matrix holds counts, or no layer has the
  /// name.
  init(of cells: CellData, layer: String?, allowingNonInteger: Bool, log: Log) throws {
    if let layer {
      try self.init(layer: layer, of: cells, allowingNonInteger, log)
      return
    }
    if let counts = cells.layers["counts"] {
      log.detail("counts are taken from layers/counts")
      self.init(.layer, counts.sparse())
      return
    }
    do {
      try self.init(searching: cells, allowingNonInteger, log)
    } catch let fault as any Fault where fault.kind == .badData {
      let others = cells.layers.keys.sorted()
      if others.isEmpty { throw fault }
      throw StageFault(
        .badData,
        "\(fault.description); name the layer of the counts with --layer: \(listed(others))")
    }
  }

  /// X, else raw, else either of them turned back into counts.
  private init(searching cells: CellData, _ allowingNonInteger: Bool, _ log: Log) throws {
    let x = cells.x?.sparse()
    if let x, CountSource.holdsCounts(x) {
      self.init(.x, x)
      return
    }
    let raw = cells.raw?.x.sparse()
    if let raw, CountSource.holdsCounts(raw) {
      log.note(
        x == nil ? "the counts are taken from raw" : "X holds no counts; they are taken from raw")
      self.init(.raw, raw)
      return
    }
    guard let first = x ?? raw else {
      throw StageFault(.badData, "there is no matrix of values (X); give a file with counts")
    }
    do {
      try self.init(recovering: first, x == nil ? .raw : .x, "X", cells, allowingNonInteger, log)
    } catch {
      guard x != nil, let raw else { throw error }
      try self.init(recovering: raw, .raw, "raw", cells, allowingNonInteger, log)
    }
  }

  /// The layer of that name, or what its values are turned back into.
  private init(
    layer: String, of cells: CellData, _ allowingNonInteger: Bool, _ log: Log
  ) throws {
    guard let values = cells.layers[layer]?.sparse() else {
      throw StageFault(
        .badData,
        "--layer \(layer): there is no such layer; there are \(listed(cells.layers.keys.sorted()))")
    }
    log.detail("counts are taken from layers/\(layer)")
    if layer != "counts", cells.layers["counts"] != nil {
      log.note("layers/counts is replaced by the counts of layers/\(layer)")
    }
    if CountSource.holdsCounts(values) {
      self.init(.layer, values)
    } else {
      try self.init(
        recovering: values, .layer, "layers/\(layer)", cells, allowingNonInteger, log)
    }
  }

  /// Counts that were found before, as of several samples: they have the columns of X.
  init(found counts: SparseMatrix<Float>) { self.init(.x, counts) }

  private init(_ place: Place, _ matrix: SparseMatrix<Float>) {
    self.place = place
    self.matrix = matrix
  }

  private init(
    recovering values: SparseMatrix<Float>, _ place: Place, _ name: String, _ cells: CellData,
    _ allowingNonInteger: Bool, _ log: Log
  ) throws {
    let recovery = try CountRecovery(
      of: values, names: CountSource.names(of: cells, place),
      knownTotals: CountSource.knownTotals(cells.obs), allowingNonInteger: allowingNonInteger)
    if let note = recovery.note { log.note("\(place == .raw ? "raw" : name): \(note)") }
    if let contradiction = recovery.contradiction { log.note(contradiction) }
    self.init(place, recovery.counts)
  }

  /// The columns in which programs of the field keep the cells' totals.
  static func knownTotals(_ obs: Frame) -> [KnownTotals] {
    let usual = [
      "ncounts", "totalcounts", "ncountrna", "numi", "numis", "totalumi", "totalumis", "umicount",
      "umicounts", "sum", "total", "ncountoriginalexp", "ncountspatial", "ncountsct",
      "librarysize", "libsize", "transcriptcount", "nreads",
    ]
    let words = obs.columnNames.map { name in
      name.lowercased().filter { $0.isLetter || $0.isNumber }
    }
    return usual.flatMap { wanted in
      words.indices.filter { words[$0] == wanted }.compactMap { place in
        let name = obs.columnNames[place]
        return obs[name]?.numbers.map { KnownTotals(name: name, values: $0) }
      }
    }
  }

  private static func holdsCounts(_ values: SparseMatrix<Float>) -> Bool {
    (try? validateCounts(values, names: AxisNames())) != nil
  }

  /// The genes of the columns.
  func genes(of cells: CellData) -> Frame { CountSource.genes(of: cells, place) }

  /// The names that faults speak of.
  func names(of cells: CellData) -> AxisNames { CountSource.names(of: cells, place) }

  private static func genes(of cells: CellData, _ place: Place) -> Frame {
    guard place == .raw, let raw = cells.raw else { return cells.var }
    return RawGenes(Array(0..<raw.var.rowCount), of: raw, beside: cells).table
  }

  private static func names(of cells: CellData, _ place: Place) -> AxisNames {
    let genes = place == .raw ? cells.raw?.var ?? cells.var : cells.var
    return AxisNames(cells: cells.obs.index, genes: genes.index)
  }
}
