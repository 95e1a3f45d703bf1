import Glibc
import Tensors

extension VariableGenes {
  /// The flavor 'seurat_v3' of scanpy, on counts. log₁₀ variance is fitted on log₁₀ mean by loess
  /// (span 0.3, degree 2). Every count is clipped at mean + √N · σ, with σ the fitted deviation.
  /// The genes rank by the variance of (x − mean) / σ.
  init(seuratV3 counts: SparseMatrix<Float>, rows: [Int], genes: [Int], span: Double = 0.3) {
    let moments = GeneMoments(of: counts, rows: rows) { _, _, x in Double(x) }
    let variances = genes.map { moments.variance($0) }
    let varies = variances.map { $0 > 0 }
    let means = genes.map { moments.mean($0) }
    let fitted = genes.indices.filter { varies[$0] }
    let curve = Loess(
      x: fitted.map { log10(means[$0]) }, y: fitted.map { log10(variances[$0]) }, span: span)
    let cells = Double(rows.count)
    var deviations = [Double](repeating: 1, count: counts.columns)
    var ceilings = [Double](repeating: 0, count: counts.columns)
    for (i, value) in zip(fitted, curve.values) {
      deviations[genes[i]] = pow(10, value).squareRoot()
      ceilings[genes[i]] = deviations[genes[i]] * cells.squareRoot() + means[i]
    }
    let limit = ceilings
    let clipped = GeneMoments(of: counts, rows: rows) { _, gene, x in min(Double(x), limit[gene]) }
    let normalized = genes.indices.map { i -> Double in
      guard varies[i] else { return 0 }
      let (j, mean) = (genes[i], means[i])
      let squares = cells * mean * mean + clipped.squares[j] - 2 * mean * clipped.sums[j]
      return squares / ((cells - 1) * deviations[j] * deviations[j])
    }
    self.init(
      means: means, dispersions: variances, normalizedDispersions: normalized, varies: varies)
  }
}
