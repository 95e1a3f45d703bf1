import Tensors

/// How the counts x_ij of a second modality become values. N cells, P features, n_i the cell's
/// total, N_j the number of cells that show the feature.
package enum FeatureTransform: String, CaseIterable, Sendable {
  /// Centered log-ratio within the cell, log(1 + x_ij) − Σ_k log(1 + x_ik) / P: for proteins, of
  /// which nearly every cell has some counts.
  case clr
  /// Term frequency × inverse document frequency, log(1 + 10⁴ · x_ij / n_i · N / N_j): for peaks
  /// (Stuart et al. 2021).
  case tfidf
  /// log(1 + x_ij / s_i) with s_i = n_i / median(n), as for RNA.
  case log
  /// x_ij.
  case none
}

/// The prepared features of a second modality. N cells × P features kept.
package struct PreparedFeatures: Sendable {
  /// Which columns of the input were kept, rising. (P)
  package let kept: [Int]
  /// The transformed values, not scaled; sparse unless the transform leaves no zeros. Exactly one
  /// of the two is there. (N, P)
  package let sparse: SparseMatrix<Float>?
  package let dense: Matrix<Float>?
  /// Mean and standard deviation (ddof 1; 1 for constant features) of the values. (P each)
  package let scaling: (mean: Buffer<Float>, standardDeviation: Buffer<Float>)
  /// The sums of the counts; nil if the input had none.
  package let counts: FeatureCounts?
  /// Features without any counts.
  package let absentFeatures: Int
  /// Features that vary less than those kept.
  package let lessVariableFeatures: Int
}

/// The counts behind prepared features.
package struct FeatureCounts: Sendable {
  /// (N, P)
  package let counts: SparseMatrix<Float>
  /// s_i = n_i / median(n), over all features that occur. (N)
  package let sizeFactors: Buffer<Float>
  /// n_i. (N)
  package let totals: Buffer<Float>
  /// How many features the cell shows. (N)
  package let featureCounts: [Int]
}
