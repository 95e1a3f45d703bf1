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
    remarkOnValues(stage.log)
    let result = try PrincipalComponents(
      of: try standardizedValues(), count: options.components, seed: stage.seed)
    if let note = result.note { stage.log.note(note) }
    clearUns("pca")
    obsm["X_pca"] = result.scores
    varm["PCs"] = result.loadings.transposed()
    tensors["uns.pca.variance"] = Tensor(result.explainedVariance)
    tensors["uns.pca.variance_ratio"] = Tensor(result.explainedVarianceRatio)
    return result.scores
  }

  /// Says where X is not what sc-preprocess makes of counts.
  private func remarkOnValues(_ log: Log) {
    guard let x else { return }
    if x.holdsWholeNumbers {
      log.warning(
        "X holds whole numbers: counts that were not normalized; run sc-preprocess first")
    } else if let scalingRemark {
      log.note(scalingRemark)
    }
  }

  /// X with its scaling, if it has one.
  func standardizedValues() throws -> StandardizedMatrix {
    guard let x else {
      throw StageFault(
        .badData,
        "there is no matrix of values (X); run sc-preprocess first, or name an embedding with --use"
      )
    }
    guard let (mean, deviation) = scaling else {
      return StandardizedMatrix(unscaled: x.sparse())
    }
    guard mean.allSatisfy(\.isFinite), deviation.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw StageFault(
        .badData,
        "var/mean, var/std: a value is not finite, or not positive; run sc-preprocess again")
    }
    return StandardizedMatrix(
      values: x.sparse(), mean: Buffer(mean.map { Float($0) }),
      standardDeviation: Buffer(deviation.map { Float($0) }))
  }
}

extension Matrix where Element == Float {
  /// The transpose. (columns, rows)
  fileprivate func transposed() -> Matrix {
    var result = Matrix(uninitializedRows: columns, columns: rows)
    var target = result.elements.mutableSpan
    for i in 0..<rows {
      let row = row(i)
      for j in 0..<columns { target[j * rows + i] = row[j] }
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
