// Two measurements of the same cells, and the order in which the cells are computed. That order is
// a function of the cells' values alone, not of the rows' places in a file. It is the order of
// batches, starting centers and every sum. So a shuffle of the rows shuffles the result and changes
// nothing else. N cells, G columns of a measurement.

import Autodiff
import NeuralNetworks
import Tensors

/// One measurement of the cells: the input of an encoder, and the target of a decoder.
package struct Measurement<S: EngineScalar>: Sendable {
  package enum Input: Sendable {
    /// Standardized sparse values, never formed.
    case sparse(StandardizedSource<S>)
    case dense(Matrix<S>)
    /// [X, ÂX, …, ÂᵀX], of all cells or of the next ones.
    case hops(HopProducts<S>)
  }
  package enum Target: Sendable {
    /// Counts, explained by a zero-inflated negative binomial distribution.
    case counts(CountSource<S>)
    /// The input itself, explained by a Gaussian distribution of constant variance.
    case values
  }

  package let input: Input
  package let target: Target
  /// A fingerprint of every cell's counts, or of its values if there are no counts. (N)
  let fingerprints: Buffer<UInt64>

  /// Standardized sparse values (N, G) with their counts (N, G) and N size factors.
  package init(_ input: StandardizedMatrix, counts: SparseMatrix<Float>, sizeFactors: [Float]) {
    self.input = .sparse(StandardizedSource(input))
    target = .counts(
      CountSource(
        // The same bytes if the precision is the same.
        counts: counts as? SparseMatrix<S> ?? counts.mapValues { S($0) },
        sizeFactors: sizeFactors.map { S($0) }))
    fingerprints = rowFingerprints(counts)
    checkRows(counts.rows)
  }

  /// Hop products (N, (T + 1) G) of standardized sparse values over a graph of the cells, with
  /// counts (N, G) and N size factors. The encoder reads every cell's neighborhoods beside the
  /// cell.
  ///
  /// - Parameter byteLimit: the bytes that the products may use at a time.
  package init(
    _ input: StandardizedMatrix, over graph: ModelGraph<S>, hops: Int,
    counts: SparseMatrix<Float>, sizeFactors: [Float], byteLimit: Int = keptProductBytes
  ) {
    let values = StandardizedInput<S>(
      values: input.values as? SparseMatrix<S> ?? input.values.mapValues { S($0) },
      mean: input.mean.map { S($0) }, standardDeviation: input.standardDeviation.map { S($0) })
    self.input = .hops(
      HopProducts(of: values, over: graph.propagation, hops: hops, byteLimit: byteLimit))
    target = .counts(
      CountSource(
        counts: counts as? SparseMatrix<S> ?? counts.mapValues { S($0) },
        sizeFactors: sizeFactors.map { S($0) }))
    fingerprints = rowFingerprints(counts)
    precondition(
      counts.rows == input.rows, "counts of \(counts.rows) cells for \(input.rows)")
  }

  /// Dense values (N, D) with counts (N, G) and N size factors.
  package init(_ input: Matrix<S>, counts: SparseMatrix<S>, sizeFactors: [S]) {
    self.input = .dense(input)
    target = .counts(CountSource(counts: counts, sizeFactors: sizeFactors))
    fingerprints = rowFingerprints(counts)
    checkRows(counts.rows)
  }

  /// Standardized sparse values without counts. (N, G)
  package init(_ input: StandardizedMatrix) {
    self.input = .sparse(StandardizedSource(input))
    target = .values
    fingerprints = rowFingerprints(input.values)
  }

  /// Dense values without counts, such as proteins after the centered log-ratio. (N, G)
  package init(_ input: Matrix<S>) {
    self.input = .dense(input)
    target = .values
    fingerprints = rowFingerprints(SparseMatrix(input))
  }

  private func checkRows(_ rows: Int) {
    precondition(rows == cellCount, "counts of \(rows) cells for \(cellCount)")
  }

  package var cellCount: Int {
    switch input {
    case .sparse(let source): source.rows
    case .dense(let matrix): matrix.rows
    case .hops: fingerprints.count
    }
  }

  /// The number of columns that the encoder reads.
  package var inputCount: Int {
    switch input {
    case .sparse(let source): source.columns
    case .dense(let matrix): matrix.columns
    case .hops(let products): products.width
    }
  }

  /// The number of columns that the decoder explains.
  package var targetCount: Int {
    if case .counts(let source) = target { return source.columns }
    return inputCount
  }

  /// The counts of all cells as the target of a loss; nil if there are none. (N, targetCount)
  package var counts: CountTarget<S>? {
    guard case .counts(let source) = target else { return nil }
    return source.target
  }

  /// Whether the targets are counts.
  package var hasCounts: Bool {
    if case .counts = target { return true }
    return false
  }
}

/// Two measurements of the same cells, or one for the ablation without the second.
package struct PairedData<S: EngineScalar>: Sendable {
  package let rna: Measurement<S>
  package let second: Measurement<S>?
  /// The rows in the order of computation: by the fingerprint of their values. (N)
  package let order: [Int]
  /// The batches of the cells, if the decoder reads them. (N)
  package var covariate: BatchCovariate?

  /// Takes RNA, and the second measurement of the same N cells.
  package init(rna: Measurement<S>, second: Measurement<S>?) {
    precondition(
      second == nil || second?.cellCount == rna.cellCount,
      "\(second?.cellCount ?? 0) cells beside \(rna.cellCount)")
    self.rna = rna
    self.second = second
    let (first, other) = (rna.fingerprints, second?.fingerprints)
    let keys = (0..<first.count).map { mixed(first[$0], other?[$0] ?? 0) }
    order = keys.indices.sorted { keys[$0] != keys[$1] ? keys[$0] < keys[$1] : $0 < $1 }
  }

  /// Takes standardized RNA with its counts and size factors, and the second measurement.
  package init(
    rna: StandardizedMatrix, counts: SparseMatrix<Float>, sizeFactors: [Float],
    second: Measurement<S>?
  ) {
    self.init(
      rna: Measurement(rna, counts: counts, sizeFactors: sizeFactors), second: second)
  }

  package var cellCount: Int { order.count }

  /// Values in the order of computation, returned in the order of the data.
  package func restored<Value>(_ values: [Value]) -> [Value] {
    var result = values
    for (position, row) in order.enumerated() { result[row] = values[position] }
    return result
  }

  /// Rows in the order of computation, returned in the order of the data.
  package func restored(_ matrix: Matrix<S>) -> Matrix<S> {
    matrix.selectingRows(restored(Array(order.indices)))
  }
}

/// One step of SplitMix64 over both.
private func mixed(_ a: UInt64, _ b: UInt64) -> UInt64 {
  (a ^ (b &* 0xD1B5_4A32_D192_ED03)).splitMixed
}

/// A fingerprint of the columns and values of every row's entries that are not zero. (N)
@specialized(where S == Float)
private func rowFingerprints<S: Real>(_ matrix: SparseMatrix<S>) -> Buffer<UInt64> {
  parallelMap(matrix.rows) { i in
    let (columns, values) = (matrix.indices.span, matrix.values.span)
    var hash: UInt64 = 0
    for k in matrix.range(ofRow: i) where values[k] != 0 {
      hash = mixed(hash, Double(values[k]).bitPattern ^ UInt64(UInt32(bitPattern: columns[k])))
    }
    return hash
  }
}
