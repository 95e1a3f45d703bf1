// The source of the expression of genes. It is raw if that has further genes, as in scanpy, else X,
// else another matrix. Values of any form become logarithms.

import CellData
import Glibc
import Preprocessing
import StageSupport
import Tensors

/// Log-normalized values of as many genes as the data has.
struct Expression {
  /// Natural logarithms, not standardized. (N, G)
  let values: SparseMatrix<Float>
  let genes: Frame
  /// Whether the values are from a raw of the user.
  let isOfForeignRaw: Bool

  /// The first matrix that is not scaled among raw with more genes, X, raw, and layers/counts.
  /// Reports if it is not the first, and what was done to values that were no natural logarithms.
  ///
  /// Nil if there is neither X nor raw, and, unless `isNeeded`, if none can be used. If `isNeeded`,
  /// throws kind `badData` if none can be used.
  init?(_ cells: CellData, isNeeded: Bool, _ log: Log) throws {
    var refused: [String] = []
    for place in Self.places(of: cells) {
      guard let found = place.values() else { continue }
      guard let form = ExpressionForm(of: found, in: cells, isOwn: place.isOwn) else {
        refused.append(place.name)
        continue
      }
      if refused.contains("X") {
        log.note("X has negative values, as scaled data have: genes are read from \(place.name)")
      }
      if place.name == "X" || form != .counts, let remark = form.remark {
        log.note("\(place.name) \(remark)")
      }
      values = form.logarithms(found, cells)
      genes = place.genes
      isOfForeignRaw = place.name == "raw" && cells.formOfOwnRaw == nil
      return
    }
    if refused.isEmpty { return nil }
    let complaint =
      "\(refused.joined(separator: " and ")) \(refused.count == 1 ? "has" : "have") negative values, as scaled data have, or values that are not finite; the expression of genes needs log-normalized values or counts in X, raw or layers/counts"
    if isNeeded { throw StageFault(.badData, complaint) }
    log.note("no genes are ranked or drawn: \(complaint)")
    return nil
  }

  /// A matrix that may have the values of genes. A stored matrix is decoded only if it is asked
  /// for.
  private struct Place {
    let name: String
    let genes: Frame
    /// Whether sc-preprocess wrote it.
    let isOwn: Bool
    let values: () -> SparseMatrix<Float>?
  }

  private static func places(of cells: CellData) -> [Place] {
    let isPrepared = cells.hasRun("sc-preprocess")
    let x = Place(name: "X", genes: cells.var, isOwn: isPrepared) { cells.x?.sparse() }
    let raw = cells.raw.map { raw in
      Place(name: "raw", genes: raw.var, isOwn: cells.formOfOwnRaw != nil) { raw.x.sparse() }
    }
    let counts = Place(name: "layers/counts", genes: cells.var, isOwn: isPrepared) {
      cells.layers["counts"]?.sparse()
    }
    let matrices = prefersRaw(cells) ? [raw, x] : [x, raw]
    return matrices.compactMap(\.self) + (cells.x == nil && cells.raw == nil ? [] : [counts])
  }

  /// The most that is read of it, and the number of genes, without making it.
  static func extent(of cells: CellData) -> (entries: Int, genes: Int) {
    guard let raw = cells.raw else { return (cells.extent.entries, cells.geneCount) }
    if prefersRaw(cells) { return (raw.entryCount, raw.var.rowCount) }
    // Raw is read if X turns out to be scaled.
    return (max(raw.entryCount, cells.extent.entries), max(raw.var.rowCount, cells.geneCount))
  }

  private static func prefersRaw(_ cells: CellData) -> Bool {
    guard let raw = cells.raw else { return false }
    return cells.x == nil || raw.var.rowCount > cells.geneCount
  }
}

/// What the values of a matrix are.
private enum ExpressionForm: Equatable {
  case counts
  /// Normalized, but no logarithms.
  case linear
  /// Logarithms to a base; nil for natural ones.
  case logarithms(base: Double?)

  /// Values above it would be logarithms of 1 + x for more molecules than a cell has, to any base
  /// in use.
  private static let largestLogarithm: Float = 30

  /// Nil if a value is negative or not finite: scaled values are no expression.
  ///
  /// `uns/log1p/base`, which scanpy writes, does not describe values that sc-preprocess wrote
  /// (`isOwn`).
  init?(of matrix: SparseMatrix<Float>, in cells: CellData, isOwn: Bool) {
    let (values, count) = (matrix.values.span, matrix.entryCount)
    guard matrix.firstNonFinite == nil, values.firstPosition(in: 0..<count, below: 0) == count
    else { return nil }
    if (try? validateCounts(matrix, names: AxisNames())) != nil {
      self = .counts
    } else if values.indices.contains(where: { values[$0] > Self.largestLogarithm }) {
      self = .linear
    } else {
      let base = isOwn ? nil : cells.settings["uns.log1p.base"].flatMap { Double($0) }
      self = .logarithms(base: base.flatMap { $0 > 1 && $0.isFinite ? $0 : nil })
    }
  }

  /// The message about them.
  var remark: String? {
    switch self {
    case .counts: "holds counts: their log-normalized values are used"
    case .linear:
      "has values up to more than \(Int(Self.largestLogarithm)), which are no logarithms: log(1 + x) of them is used"
    case .logarithms(let base?):
      "has logarithms to base \(base.formatted) (uns/log1p/base): natural ones are used"
    case .logarithms(nil): nil
    }
  }

  /// Natural logarithms of these. For counts they are log1p(x_ij / s_i), with the size factors that
  /// sc-preprocess wrote, else with the sums of the cells over their median.
  func logarithms(_ matrix: SparseMatrix<Float>, _ cells: CellData) -> SparseMatrix<Float> {
    switch self {
    case .counts: matrix.logNormalized(Self.sizeFactors(of: matrix, cells))
    case .linear: matrix.mapEntries { _, x in Float(log1p(Double(x))) }
    case .logarithms(let base?):
      matrix.mapEntries { [scale = log(base)] _, x in Float(Double(x) * scale) }
    case .logarithms(nil): matrix
    }
  }

  private static func sizeFactors(of counts: SparseMatrix<Float>, _ cells: CellData) -> [Double] {
    let column = cells.ownColumn("size_factors")
    if cells.isOwn(column), let factors = cells.obs[column]?.numbers,
      factors.allSatisfy({ $0 > 0 && $0.isFinite })
    {
      return factors
    }
    let sums = counts.rowSums
    let middle = max(median(sums), .leastNonzeroMagnitude)
    return sums.map { $0 > 0 ? $0 / middle : 1 }
  }
}

extension Double {
  /// `2`, `2.5`
  fileprivate var formatted: String {
    self == rounded() && magnitude < 1e15 ? "\(Int(self))" : "\(self)"
  }
}
