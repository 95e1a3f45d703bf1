import Autodiff
import Neighbors
import NeuralNetworks
import Tensors

/// The data of a model of one measurement: standardized input, counts with size factors, and the
/// graph of cells.
package struct GraphData<S: EngineScalar>: Sendable {
  /// X = (S − 1 mᵀ) D⁻¹. (N, G)
  package let input: StandardizedInput<S>
  /// The counts that the decoder explains. (N, G)
  package let target: CountTarget<S>
  /// The batches of the cells, if the decoder reads them. (N)
  package var covariate: BatchCovariate?

  /// Takes the log-normalised values with their scaling, the raw counts (N, G) and N size factors.
  package init(
    input: StandardizedMatrix, counts: SparseMatrix<Float>, sizeFactors: [Float]
  ) {
    self.input = StandardizedInput(
      values: input.values.mapValues { S($0) }, mean: input.mean.map { S($0) },
      standardDeviation: input.standardDeviation.map { S($0) })
    target = CountTarget(
      counts: counts.mapValues { S($0) }, sizeFactors: sizeFactors.map { S($0) })
  }

  /// The same if the decoder explains the standardized values themselves, without size factors.
  /// scTPF's released program does this: its likelihood takes negative values for zeros.
  package init(explaining input: StandardizedMatrix) {
    self.init(
      input: input, counts: input.positivePart(),
      sizeFactors: [Float](repeating: 1, count: input.rows))
  }

  /// Takes dense input that is standardized already. (N, G)
  package init(standardized: Matrix<S>, counts: SparseMatrix<S>, sizeFactors: [S]) {
    input = StandardizedInput(
      values: SparseMatrix(standardized), mean: Array(repeating: 0, count: standardized.columns),
      standardDeviation: Array(repeating: 1, count: standardized.columns))
    target = CountTarget(counts: counts, sizeFactors: sizeFactors)
  }

  package var cellCount: Int { input.rows }
  package var geneCount: Int { input.columns }
}

extension StandardizedMatrix {
  /// The standardized values that are above 0. (N, G)
  fileprivate func positivePart() -> SparseMatrix<Float> {
    var builder = RowBuilder<Float>(columns: values.columns)
    let zeros = (0..<values.columns).map { -mean[$0] / standardDeviation[$0] }
    for i in 0..<values.rows {
      var row = zeros
      for k in values.range(ofRow: i) {
        let j = Int(values.indices[k])
        row[j] = (values.values[k] - mean[j]) / standardDeviation[j]
      }
      for (j, value) in row.enumerated() where value > 0 { builder.append(Int32(j), value) }
      builder.endRow()
    }
    return builder.matrix
  }
}

/// A graph of cells in the form that a model needs: the binary adjacency A, whose rows need not be
/// symmetric, and Â = D^-1/2 A D^-1/2.
package struct ModelGraph<S: EngineScalar>: Sendable {
  package let adjacency: SparseMatrix<S>
  package let propagation: Propagation<S>

  /// Takes A and the propagation by its normalized form.
  package init(adjacency: SparseMatrix<S>, propagation: Propagation<S>) {
    self.adjacency = adjacency
    self.propagation = propagation
  }

  /// Takes A and normalizes it. (N, N)
  package init(_ adjacency: SparseMatrix<Float>) {
    self.init(adjacency: adjacency, normalized: normalizedAdjacency(adjacency))
  }

  /// Takes A and its normalized form, both (N, N).
  package init(adjacency: SparseMatrix<Float>, normalized: SparseMatrix<Float>) {
    self.adjacency = adjacency.mapValues { S($0) }
    propagation = Propagation(normalized.mapValues { S($0) })
  }
}
