import CellData
import Glibc
import Preprocessing
import StageSupport
import Tensors

/// The counts of cells that no stage has prepared, or of all genes that one has left.
package struct CountsOfAllGenes: Sendable {
  /// (M, G)
  package let matrix: SparseMatrix<Float>
  package let genes: Frame
  /// Their sums; over all genes that the file had at first, where sc-preprocess noted them. (M)
  package let totals: [Double]

  /// Takes raw where it has more genes and holds counts, or logarithms of sc-preprocess; else
  /// layers/counts, else X, else raw, whichever holds counts first.
  ///
  /// - Throws: `ModelStageFault` where none does, or a cell has no counts.
  package init(of cells: CellData) throws(ModelStageFault) {
    // Raw is decoded only where it is asked for.
    typealias Place = (values: () -> SparseMatrix<Float>?, genes: Frame)
    let genesOfRaw = cells.raw?.var ?? cells.var
    let raw: Place = ({ cells.raw?.x.sparse() }, genesOfRaw)
    let others: [Place] = [
      ({ cells.layers["counts"]?.sparse() }, cells.var), ({ cells.x?.sparse() }, cells.var),
    ]
    let isLarger = genesOfRaw.rowCount > cells.geneCount
    for (values, genes) in [({ cells.countsOfOwnRaw }, genesOfRaw)]
      + (isLarger ? [raw] + others : others + [raw])
    {
      guard let matrix = values(),
        (try? validateCounts(matrix, names: AxisNames())) != nil
      else { continue }
      self.matrix = matrix
      self.genes = genes
      totals = cells.notedTotals(of: matrix) ?? matrix.rowSums
      if let empty = totals.firstIndex(where: { !($0 > 0) }) {
        throw ModelStageFault(
          "cell \(cells.obs.index[empty]) has no counts; sc-preprocess drops such cells")
      }
      return
    }
    throw ModelStageFault(
      "neither layers/counts nor X nor raw holds counts; give raw counts, or let sc-preprocess recover them (--genes 1000000 keeps all genes)"
    )
  }
}

extension CellData {
  /// The counts of all genes that sc-preprocess left in raw. Logarithms are restored exactly:
  /// x = s (e^v − 1), with the s_i by which layers/counts became X. Cells may have been left out or
  /// reordered since. Nil if the result is no counts. (N, genes of raw)
  fileprivate var countsOfOwnRaw: SparseMatrix<Float>? {
    guard let form = recordedFormOfRaw, let values = raw?.x.sparse() else { return nil }
    if form == "counts" { return values }
    guard let scales = scalesOfX else { return nil }
    let restored = values.mapEntries { row, v in
      let count = scales[row] * expm1(Double(v))
      let whole = count.rounded()
      // The logarithm was rounded to a Float.
      return abs(count - whole) <= max(0.01, 1e-5 * whole) ? Float(whole) : .nan
    }
    return restored.firstNonFinite == nil ? restored : nil
  }

  /// The size factors in the unit of X, which is another where sc-preprocess had a target sum. (N)
  private var scalesOfX: [Double]? {
    guard let counts = layers["counts"]?.sparse(), let x = x?.sparse(),
      let factors = obs[ownColumn("size_factors")]?.numbers
    else { return nil }
    let (sums, logs) = (counts.rowSums, x.mapEntries { _, v in Float(expm1(Double(v))) }.rowSums)
    let units = (0..<cellCount).filter { logs[$0] > 0 && factors[$0] > 0 }
      .map { sums[$0] / logs[$0] / factors[$0] }
    if units.isEmpty { return nil }
    let unit = median(units)
    return factors.map { $0 * unit }
  }
}
