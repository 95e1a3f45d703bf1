import CellData
import Preprocessing
import StageSupport
import Tensors

/// The counts of cells that no stage has prepared, or of all genes that one has left.
package struct NewCounts: Sendable {
  /// (M, G)
  package let matrix: SparseMatrix<Float>
  package let genes: Frame
  /// Their sums; over all genes that the file had at first, where sc-preprocess noted them. (M)
  package let totals: [Double]

  /// Takes layers/counts, else X, else raw, whichever holds counts first.
  ///
  /// - Throws: `ModelStageFault` where none does, or a cell has no counts.
  package init(of cells: CellData) throws(ModelStageFault) {
    let places: [(MatrixValues?, Frame)] = [
      (cells.layers["counts"], cells.var), (cells.x, cells.var),
      (cells.raw?.x, cells.raw?.var ?? cells.var),
    ]
    for (values, genes) in places {
      guard let matrix = values?.sparse(),
        (try? validateCounts(matrix, names: AxisNames())) != nil
      else { continue }
      self.matrix = matrix
      self.genes = genes
      let column = cells.ownColumn("n_counts")
      let isNoted = cells.wasThrough("sc-preprocess") && cells.isOwn(column)
      totals = (isNoted ? cells.obs[column]?.numbers : nil) ?? matrix.rowSums
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
