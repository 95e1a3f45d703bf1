import CellData
import DataFormats
import Preprocessing
import StageSupport
import Tensors

extension CellData {
  /// The object with the kept cells and genes, its new matrices and columns, and everything else
  /// that came in, cut to fit.
  func preprocessed(
    _ result: Preprocessed, from source: CountSource, columns: inout OwnColumns, in stage: Stage
  ) -> CellData {
    var kept = selectingCells(result.keptCells)
    if source.place == .raw, let raw {
      let genes = RawGenes(result.keptGenes, of: raw, beside: kept)
      genes.announce(in: stage)
      (kept.var, kept.layers, kept.varm) = (genes.table, genes.layers, genes.varm)
    } else {
      kept.var = self.var.selectingRows(result.keptGenes)
      kept.layers = kept.layers.mapValues { $0.selectingColumns(result.keptGenes) }
      kept.varm = varm.mapValues { $0.selectingRows(result.keptGenes) }
    }
    let isVariable = Buffer(repeating: true, count: result.keptGenes.count)
    columns.write(.boolean(isVariable), "highly_variable", to: &kept, of: .var)
    for name in ["mean", "std"] where columns.isOwn(name, in: self, of: .var) {
      kept.var[name] = nil
    }
    if let scaling = result.scaling {
      columns.write(.float32(scaling.mean), "mean", to: &kept, of: .var)
      columns.write(.float32(scaling.standardDeviation), "std", to: &kept, of: .var)
    }
    kept.layers["counts"] = .sparse(result.counts)
    kept.x = .sparse(result.logNormalized)
    // It names the base of a logarithm that X no longer is.
    kept.clearUns("log1p")
    columns.write(.float32(result.sizeFactors), "size_factors", to: &kept)
    kept.writeQuality(of: result, &columns)
    return kept
  }

  /// The cells' sums over all genes, under scanpy's names. Shares of genes that are not known are
  /// left out.
  private mutating func writeQuality(of result: Preprocessed, _ columns: inout OwnColumns) {
    let assessed = result.assessed
    let cells = result.keptCells.map { assessed.statistics[$0] }
    columns.write(.float32(Buffer(cells.map { Float($0.total) })), "n_counts", to: &self)
    columns.write(.integer(Buffer(cells.map(\.genes))), "n_genes", to: &self)
    let shares: [(String, Bool, (CellStatistics) -> Double)] = [
      ("pct_counts_mt", assessed.knowsMitochondrial, \.mitochondrialShare),
      ("pct_counts_ribo", assessed.knowsRibosomal, \.ribosomalShare),
    ]
    for (name, isKnown, share) in shares {
      if isKnown {
        columns.write(
          .float32(Buffer(cells.map { Float(100 * share($0)) })), name, to: &self)
      } else if columns.isOwn(name, in: self) {
        obs[name] = nil
      }
    }
  }
}
