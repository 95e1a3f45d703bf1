import Glibc
import Tensors

/// Prepares counts. Features without counts are dropped, then all but the `limit` whose log(1 +
/// x_ij / s_i) varies most (ties by index). The rest is transformed. Totals, geometric means and
/// document frequencies cover all features that occur.
///
/// - Parameter counts: (N, features); every cell must have some.
/// - Throws: if a value is no count, a cell has none, or there is nothing to prepare.
package func prepareFeatures(
  counts: SparseMatrix<Float>, names: AxisNames = AxisNames(), transform: FeatureTransform,
  limit: Int
) throws(PreprocessingFault) -> PreparedFeatures {
  try validateCounts(counts, names: names)
  let rows = Array(0..<counts.rows)
  let detected = GeneMoments(of: counts, rows: rows) { _, _, x in Double(x) }.detected
  let present = detected.indices.filter { detected[$0] > 0 }
  let statistics = CellStatistics.of(
    counts, rows: rows, counting: Array(repeating: true, count: counts.columns),
    GeneKinds(AxisNames(), count: counts.columns))
  if let empty = statistics.firstIndex(where: { $0.total == 0 }) {
    throw PreprocessingFault("\(names.cell(empty)): has no counts in this modality; drop it")
  }
  guard !rows.isEmpty, !present.isEmpty else {
    throw PreprocessingFault("there are no counts; check whether the matrix is the right one")
  }
  let middle = median(statistics.map(\.total))
  let factors = statistics.map { $0.total / middle }
  let logs = GeneMoments(of: counts, rows: rows) { i, _, x in log1p(Double(x) / factors[i]) }
  let kept = mostVariable(present, limit) { logs.variance($0) }
  let chosen = counts.selecting(rows: rows, columns: kept)
  let totals = statistics.map(\.total)
  var sparse: SparseMatrix<Float>?
  var dense: Matrix<Float>?
  switch transform {
  case .clr: dense = centeredLogRatios(of: counts, kept, features: present.count)
  case .tfidf: sparse = inverseFrequencies(chosen, totals, kept.map { detected[$0] })
  case .log: sparse = chosen.mapEntries { i, x in Float(log1p(Double(x) / factors[i])) }
  case .none: sparse = chosen
  }
  return PreparedFeatures(
    kept: kept, sparse: sparse, dense: dense,
    scaling: sparse.map { scaling(of: $0) } ?? scaling(of: dense ?? .zeros(0, 0)),
    counts: FeatureCounts(
      counts: chosen, sizeFactors: Buffer(factors.map { Float($0) }),
      totals: Buffer(totals.map { Float($0) }), featureCounts: statistics.map(\.genes)),
    absentFeatures: counts.columns - present.count,
    lessVariableFeatures: present.count - kept.count)
}

/// Prepares values that are no counts, without a transform: all but the `limit` most variable
/// features are dropped.
///
/// - Throws: if there is nothing to prepare. The values must be finite.
package func prepareFeatures(
  values: Matrix<Float>, limit: Int
) throws(PreprocessingFault) -> PreparedFeatures {
  guard values.rows > 0, values.columns > 0 else {
    throw PreprocessingFault("there are no values; check whether the matrix is the right one")
  }
  let moments = columnMoments(of: values)
  let kept = mostVariable(Array(0..<values.columns), limit) { moments[$0].variance }
  var chosen = Matrix<Float>(uninitializedRows: values.rows, columns: kept.count)
  var target = chosen.elements.mutableSpan
  for i in 0..<values.rows {
    let row = values.row(i)
    for j in kept.indices { target[i * kept.count + j] = row[kept[j]] }
  }
  return PreparedFeatures(
    kept: kept, sparse: nil, dense: chosen, scaling: scaling(of: chosen), counts: nil,
    absentFeatures: 0, lessVariableFeatures: values.columns - kept.count)
}

/// The same for values that are stored sparse, which they stay.
package func prepareFeatures(
  values: SparseMatrix<Float>, limit: Int
) throws(PreprocessingFault) -> PreparedFeatures {
  guard values.rows > 0, values.columns > 0 else {
    throw PreprocessingFault("there are no values; check whether the matrix is the right one")
  }
  let rows = Array(0..<values.rows)
  let moments = GeneMoments(of: values, rows: rows) { _, _, x in Double(x) }
  let kept = mostVariable(Array(0..<values.columns), limit) { moments.variance($0) }
  let chosen = values.selecting(rows: rows, columns: kept)
  return PreparedFeatures(
    kept: kept, sparse: chosen, dense: nil, scaling: scaling(of: chosen), counts: nil,
    absentFeatures: 0, lessVariableFeatures: values.columns - kept.count)
}

/// The `limit` features of the largest variance, in rising order.
private func mostVariable(
  _ features: [Int], _ limit: Int, _ variance: (Int) -> Double
) -> [Int] {
  if features.count <= limit { return features }
  let key = features.map { (feature: $0, variance: variance($0)) }
  let ranked = key.sorted {
    $0.variance != $1.variance ? $0.variance > $1.variance : $0.feature < $1.feature
  }
  return ranked.prefix(limit).map(\.feature).sorted()
}

/// The centered log-ratios of the features kept; the mean runs over all features that occur. (N,
/// kept.count)
private func centeredLogRatios(
  of counts: SparseMatrix<Float>, _ kept: [Int], features: Int
) -> Matrix<Float> {
  let chosen = counts.selecting(rows: Array(0..<counts.rows), columns: kept)
  var result = Matrix<Float>(uninitializedRows: counts.rows, columns: kept.count)
  parallelRows(of: &result) { rows, out in
    let (all, part) = (counts.values.span, chosen.values.span)
    let column = chosen.indices.span
    for (position, i) in rows.enumerated() {
      var sum = 0.0
      for k in counts.range(ofRow: i) { sum += log1p(Double(all[k])) }
      let mean = sum / Double(features)
      let begin = position * kept.count
      for j in 0..<kept.count { out[begin + j] = Float(-mean) }
      for k in chosen.range(ofRow: i) {
        out[begin + Int(column[k])] = Float(log1p(Double(part[k])) - mean)
      }
    }
  }
  return result
}

/// log(1 + 10⁴ · x_ij / n_i · N / N_j), with the entries of `counts`. (N, P)
private func inverseFrequencies(
  _ counts: SparseMatrix<Float>, _ totals: [Double], _ detected: [Int]
) -> SparseMatrix<Float> {
  let weights = detected.map { 1e4 * Double(counts.rows) / Double($0) }
  let values = parallelMap(counts.rows) { i in 1 / totals[i] }
  var result = counts
  result.values = Buffer(uninitializedCount: counts.entryCount)
  var out = result.values.mutableSpan
  let (column, value) = (counts.indices.span, counts.values.span)
  for i in 0..<counts.rows {
    for k in counts.range(ofRow: i) {
      out[k] = Float(log1p(Double(value[k]) * values[i] * weights[Int(column[k])]))
    }
  }
  return result
}

/// Mean and variance (ddof 1) of every column, summed in Double in the order of the rows.
private func columnMoments(of values: Matrix<Float>) -> [(mean: Double, variance: Double)] {
  let (rows, columns) = (values.rows, values.columns)
  var means = [Double](repeating: 0, count: columns)
  for i in 0..<rows {
    let row = values.row(i)
    for j in 0..<columns { means[j] += Double(row[j]) / Double(rows) }
  }
  var squares = [Double](repeating: 0, count: columns)
  for i in 0..<rows {
    let row = values.row(i)
    for j in 0..<columns { squares[j] += (Double(row[j]) - means[j]) * (Double(row[j]) - means[j]) }
  }
  return (0..<columns).map { (means[$0], squares[$0] / Double(max(1, rows - 1))) }
}

/// Mean and standard deviation (ddof 1) of every column; deviation 1 for a constant column. (P
/// each)
private func scaling(
  of values: Matrix<Float>
) -> (mean: Buffer<Float>, standardDeviation: Buffer<Float>) {
  let moments = columnMoments(of: values)
  let deviations = moments.map { moment in
    let isConstant = moment.variance <= 1e-12 * moment.mean * moment.mean
    return isConstant ? 1 : Float(moment.variance.squareRoot())
  }
  return (Buffer(moments.map { Float($0.mean) }), Buffer(deviations))
}
