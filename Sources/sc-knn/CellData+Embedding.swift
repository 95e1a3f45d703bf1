import CellData
import Neighbors
import StageSupport
import Tensors

extension CellData {
  /// Computes the principal components, stores them under AnnData's names and returns the cells'
  /// coordinates. (N, k)
  mutating func addPrincipalComponents(_ options: FindNeighbors, _ stage: Stage) throws -> Matrix<
    Float
  > {
    recordScaling()
    remarkOnValues(stage.log)
    let genes = markedGenes
    if geneMarks != nil, geneMarks?.marks == nil {
      stage.log.note(
        "var/highly_variable is not used: it holds other values than True and False, or 1 and 0; principal components are of all genes"
      )
    }
    if let genes {
      stage.log.note(
        "principal components are of the \(genes.count) genes that var/highly_variable marks, of \(geneCount); remove the column to use all"
      )
    }
    let result = try PrincipalComponents(
      of: try standardizedValues(), count: options.components, seed: stage.seed)
    if let note = result.note { stage.log.note(note) }
    clearUns("pca")
    obsm["X_pca"] = result.scores
    varm["PCs"] = result.loadings.transposed(to: genes, of: geneCount)
    tensors["uns.pca.variance"] = Tensor(result.explainedVariance)
    tensors["uns.pca.variance_ratio"] = Tensor(result.explainedVarianceRatio)
    noteParameters(isOfMarkedGenes: genes != nil)
    return result.scores
  }

  /// Notes how the components were made, as scanpy does in `uns/pca/params`. scanpy takes
  /// var/highly_variable for booleans where it is used.
  private mutating func noteParameters(isOfMarkedGenes: Bool) {
    let isBoolean =
      switch geneMarks {
      case .boolean: true
      default: false
      }
    settings["uns.pca.params.zero_center"] = "true"
    settings["uns.pca.params.use_highly_variable"] = isOfMarkedGenes && isBoolean ? "true" : "false"
    if isOfMarkedGenes { settings["uns.pca.params.mask_var"] = "\"highly_variable\"" }
  }

  /// Warns if X is not what sc-preprocess makes of counts.
  private func remarkOnValues(_ log: Log) {
    guard let x else { return }
    if x.holdsWholeNumbers {
      log.warning(
        "X holds whole numbers: counts that were not normalized; run sc-preprocess first")
    } else if let scalingRemark {
      log.note(scalingRemark)
    }
  }

  /// The genes of the principal components, rising: the genes that var/highly_variable marks, as in
  /// scanpy's `pp.pca`; nil: all.
  ///
  /// X of sc-preprocess has only the genes that it chose. A column of another program is then used
  /// only if it replaced ours.
  private var markedGenes: [Int]? {
    guard let marks = geneMarks?.marks else { return nil }
    let genes = marks.indices.filter { marks[$0] }
    return genes.isEmpty || genes.count == marks.count ? nil : genes
  }

  /// The column var/highly_variable, where another program wrote it.
  private var geneMarks: Column? {
    let name = "highly_variable"
    return ownColumn(name, of: .var) == name ? self.var[name] : nil
  }

  /// X of the genes that components are of, with its scaling, if it has one.
  func standardizedValues() throws -> StandardizedMatrix {
    guard let x else {
      throw StageFault(
        .badData,
        "there is no matrix of values (X); run sc-preprocess first, or name an embedding with --use"
      )
    }
    let genes = markedGenes
    let values = (genes.map { x.selectingColumns($0) } ?? x).sparse()
    guard let (mean, deviation) = scaling else {
      return StandardizedMatrix(unscaled: values)
    }
    func ofGenes(_ numbers: [Double]) -> Buffer<Float> {
      Buffer((genes.map { $0.map { numbers[$0] } } ?? numbers).map { Float($0) })
    }
    guard mean.allSatisfy(\.isFinite), deviation.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw StageFault(
        .badData,
        "var/mean, var/std: a value is not finite, or not positive; run sc-preprocess again")
    }
    return StandardizedMatrix(
      values: values, mean: ofGenes(mean), standardDeviation: ofGenes(deviation))
  }
}

extension Matrix where Element == Float {
  /// The transpose as a matrix of `count` rows. Its rows go to `places`, and the others are 0; nil:
  /// all rows in order. (count, rows)
  fileprivate func transposed(to places: [Int]?, of count: Int) -> Matrix {
    var result = Matrix.zeros(count, rows)
    var target = result.elements.mutableSpan
    for i in 0..<rows {
      let row = row(i)
      for j in 0..<columns { target[(places?[j] ?? j) * rows + i] = row[j] }
    }
    return result
  }
}

extension MatrixValues {
  /// Whether no value has a fraction, and not all are zero.
  fileprivate var holdsWholeNumbers: Bool {
    var hasValue = false
    func isWhole(_ value: Float) -> Bool {
      hasValue = hasValue || value != 0
      return value >= 0 && value == value.rounded()
    }
    let areWhole =
      switch self {
      case .sparse(let matrix): matrix.values.allSatisfy(isWhole)
      case .dense(let matrix): matrix.elements.allSatisfy(isWhole)
      }
    return areWhole && hasValue
  }
}
