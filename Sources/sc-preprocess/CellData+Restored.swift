// A second run begins with the same data as the first one. The counts of all genes are in raw,
// unchanged or as logarithms, in addition to the variable genes of X.

import CellData
import Preprocessing
import StageSupport
import Tensors

extension CellData {
  /// Takes back the genes that an earlier sc-preprocess left in raw alone, and returns the counts
  /// of all, and what raw holds. Nil where there are none, somebody has chosen other genes since,
  /// or the counts of the variable genes are not those that raw shows. Cells may have been left out
  /// or reordered since.
  ///
  /// Reports this, and what is left out with it. Among the parts `derived` by sc-knn, components
  /// keep their rows: the same genes may be chosen again.
  mutating func restoreAllGenes(
    _ columns: OwnColumns, _ derived: [String], in stage: Stage
  ) -> (counts: CountSource, form: String)? {
    guard let form = recordedFormOfRaw, let raw, geneCount < raw.var.rowCount,
      let stored = layers["counts"]?.sparse(), let places = placesInRaw(raw)
    else { return nil }
    let values = raw.x.sparse()
    let all =
      form == AllGenesForm.counts.rawValue
      ? values
      : (try? CountRecovery(of: values, knownTotals: CountSource.knownTotals(obs)))?.counts
    let rows = Array(0..<cellCount)
    guard let all, all.selecting(rows: rows, columns: places) == stored else { return nil }
    stage.log.note(
      "the counts of all \(raw.var.rowCount) genes are taken from raw, where sc-preprocess left them"
    )
    clearOwn(columns)
    let components = derived.contains("varm/PCs") ? varm.removeValue(forKey: "PCs") : nil
    let table = AllGenes.withoutRanks(raw.var, history)
    let genes = RawGenes(
      Array(0..<table.rowCount), of: RawValues(x: raw.x, var: table), beside: self)
    genes.announce(in: stage)
    (self.var, layers, varm, x) = (genes.table, genes.layers, genes.varm, nil)
    varm["PCs"] = components.map { $0.rows(at: places, of: table.rowCount) } ?? varm["PCs"]
    return (CountSource(found: all), form)
  }

  /// The positions of the genes of X among those of raw, rising. Nil if the genes of X are not
  /// those that sc-preprocess marked in raw.
  private func placesInRaw(_ raw: RawValues) -> [Int]? {
    guard let marks = raw.var[AllGenes.flag]?.numbers else { return nil }
    let places = marks.indices.filter { marks[$0] == 1 }
    return places.map { raw.var.index[$0] } == self.var.index ? places : nil
  }

  /// Removes what our stages wrote about the variable genes.
  private mutating func clearOwn(_ columns: OwnColumns) {
    for name in self.var.columnNames where columns.isOwn(name, in: self, of: .var) {
      self.var[name] = nil
    }
    layers["counts"] = nil
  }

  /// Notes that an earlier run assessed cells and genes within batches, if their column is still
  /// there. A run without --batch-key does not.
  func remarkOnBatches(_ log: Log) {
    guard let key = history.last(where: { $0.tool == "sc-preprocess" })?.batchKey(in: obs),
      let batches = try? obs.batchClasses(key),
      Set(batches.codes.filter { $0 >= 0 }).count > 1
    else { return }
    log.note(
      "an earlier sc-preprocess assessed cells and genes within each batch of obs/\(key), but this run does not; give --batch-key \(key)"
    )
  }

  /// Warns that sums of these counts are not those of the cells, since an earlier run has kept only
  /// some of the genes.
  func remark(onSumsOf counts: SparseMatrix<Float>, of name: String?, _ log: Log) {
    guard let totals = notedTotals(of: counts) else { return }
    let (left, all) = (counts.rowSums.reduce(0, +), totals.reduce(0, +))
    guard left < 0.99 * all else { return }
    log.note(
      "\(name.map { "\($0): " } ?? "")an earlier sc-preprocess kept \(counts.columns) genes with \(Int((100 * left / all).rounded())) % of the counts; n_counts, n_genes and size factors cover only these; give the original file"
    )
  }
}

extension Matrix where Element == Float {
  /// The rows at these places of as many as `count`, the others 0. (count, columns)
  fileprivate func rows(at places: [Int], of count: Int) -> Matrix {
    var result = Matrix.zeros(count, columns)
    for (row, place) in places.enumerated() {
      for j in 0..<columns { result[place, j] = self[row, j] }
    }
    return result
  }
}
