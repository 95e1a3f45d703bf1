import CellData
import Preprocessing
import StageSupport
import Tensors

/// Where in the object the counts are: layers/counts, else X, else raw, else X or raw turned back into counts.
struct CountSource {
  /// Whose columns the matrix has.
  enum Place {
    case layer
    case x
    case raw
  }

  let place: Place
  /// The counts; without entries once they were taken. (N, G)
  private var matrix: SparseMatrix<Float>

  /// The counts, which are then no longer held here: the memory goes with their last user. (N, G)
  mutating func takeMatrix() -> SparseMatrix<Float> {
    defer {
      matrix = SparseMatrix(
        rows: 0, columns: matrix.columns, indptr: Buffer(repeating: 0, count: 1),
        indices: Buffer([]),
        values: Buffer([]))
    }
    return matrix
  }

  /// Throws what `CountRecovery` finds wrong with the most promising matrix; kind `badData` if there is none.
  init(of cells: CellData, allowingNonInteger: Bool, log: Log) throws {
    if let layer = cells.layers["counts"] {
      log.detail("counts are taken from layers/counts")
      self.init(.layer, layer.sparse())
      return
    }
    let x = cells.x?.sparse()
    if let x, CountSource.holdsCounts(x) {
      self.init(.x, x)
      return
    }
    let raw = cells.raw?.x.sparse()
    if let raw, CountSource.holdsCounts(raw) {
      log.note("X holds no counts; they are taken from raw")
      self.init(.raw, raw)
      return
    }
    guard let first = x ?? raw else {
      throw StageFault(.badData, "there is no matrix of values (X); give a file with counts")
    }
    do {
      try self.init(recovering: first, x == nil ? .raw : .x, cells, allowingNonInteger, log)
    } catch {
      guard x != nil, let raw else { throw error }
      try self.init(recovering: raw, .raw, cells, allowingNonInteger, log)
    }
  }

  private init(_ place: Place, _ matrix: SparseMatrix<Float>) {
    self.place = place
    self.matrix = matrix
  }

  private init(
    recovering values: SparseMatrix<Float>, _ place: Place, _ cells: CellData,
    _ allowingNonInteger: Bool, _ log: Log
  ) throws {
    let totals = ["n_counts", "total_counts"].lazy.compactMap { cells.obs[$0]?.numbers }.first
    let recovery = try CountRecovery(
      of: values, names: CountSource.names(of: cells, place), knownTotals: totals,
      allowingNonInteger: allowingNonInteger)
    if let note = recovery.note { log.note("\(place == .raw ? "raw" : "X"): \(note)") }
    self.init(place, recovery.counts)
  }

  private static func holdsCounts(_ values: SparseMatrix<Float>) -> Bool {
    (try? validateCounts(values, names: AxisNames())) != nil
  }

  /// The genes that the columns stand for.
  func genes(of cells: CellData) -> Frame { CountSource.genes(of: cells, place) }

  /// The names that faults speak of.
  func names(of cells: CellData) -> AxisNames { CountSource.names(of: cells, place) }

  private static func genes(of cells: CellData, _ place: Place) -> Frame {
    place == .raw ? cells.raw?.var ?? cells.var : cells.var
  }

  private static func names(of cells: CellData, _ place: Place) -> AxisNames {
    AxisNames(cells: cells.obs.index, genes: genes(of: cells, place).index)
  }
}
