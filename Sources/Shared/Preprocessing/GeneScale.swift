import Glibc
import Tensors

/// The genes of N cells, the most variable first, by the flavor 'seurat' on counts over size
/// factors.
///
/// - Parameters:
///   - counts: (N, G) raw counts.
///   - sizeFactors: (N)
package func genesByVariability(
  of counts: SparseMatrix<Float>, sizeFactors: [Double]
) -> [Int] {
  precondition(sizeFactors.count == counts.rows, "\(sizeFactors.count) factors")
  let moments = GeneMoments(of: counts, rows: Array(0..<counts.rows)) { i, _, x in
    Double(x) / sizeFactors[i]
  }
  return VariableGenes(seurat: moments, genes: Array(0..<counts.columns)).ranking
}

/// How the values of all genes are scaled before a model sees them.
package enum GeneScale: Sendable {
  /// Each gene by its own standard deviation: all genes have the same weight.
  case own
  /// All by their root mean square: genes count by their variance, on the same scale overall.
  case common

  /// Mean and divisor of every gene of log-normalised values (N, G). (G each)
  package func of(
    _ values: SparseMatrix<Float>
  ) -> (mean: Buffer<Float>, deviation: Buffer<Float>) {
    let (mean, deviation) = scaling(of: values)
    if self == .own { return (mean, deviation) }
    let squares = deviation.span.indices.reduce(0.0) {
      $0 + Double(deviation[$1]) * Double(deviation[$1])
    }
    let common = Float((squares / Double(max(1, values.columns))).squareRoot())
    return (mean, Buffer(repeating: common, count: values.columns))
  }
}
