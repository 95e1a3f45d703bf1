// Where the expression of genes is looked up: in raw where it has further genes, as scanpy does,
// else in X.

import CellData
import Preprocessing
import Tensors

/// Log-normalized values of as many genes as the data has.
struct Expression {
  /// Logarithms, not standardized. (N, G)
  let values: SparseMatrix<Float>
  let genes: Frame
  /// Whether they are from raw, and those of the user.
  let isOfForeignRaw: Bool

  /// Nil where there is neither X nor a raw that can be used.
  init?(_ cells: CellData) {
    if let raw = cells.raw, Expression.prefersRaw(cells), let values = Expression.logs(raw, cells) {
      self.values = values
      genes = raw.var
      isOfForeignRaw = cells.formOfOwnRaw == nil
      return
    }
    guard let x = cells.x else { return nil }
    values = x.sparse()
    genes = cells.var
    isOfForeignRaw = false
  }

  /// How much is read of it, and how many genes there are, without making it.
  static func extent(of cells: CellData) -> (entries: Int, genes: Int) {
    guard let raw = cells.raw, prefersRaw(cells) else {
      return (cells.extent.entries, cells.geneCount)
    }
    return (raw.entryCount, raw.var.rowCount)
  }

  private static func prefersRaw(_ cells: CellData) -> Bool {
    guard let raw = cells.raw else { return false }
    return cells.x == nil || raw.var.rowCount > cells.geneCount
  }

  /// The values of raw; of counts log1p(x_ij / s_i), with the size factors that sc-preprocess
  /// wrote, else with the sums of the cells over their median. Nil where a value is negative or not
  /// finite: scaled values are no expression.
  private static func logs(_ raw: RawValues, _ cells: CellData) -> SparseMatrix<Float>? {
    let matrix = raw.x.sparse()
    let (values, count) = (matrix.values.span, matrix.entryCount)
    guard matrix.firstNonFinite == nil, values.firstPosition(in: 0..<count, below: 0) == count
    else { return nil }
    let isCounts = (try? validateCounts(matrix, names: AxisNames())) != nil
    return isCounts ? matrix.logNormalized(sizeFactors(of: matrix, cells)) : matrix
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
