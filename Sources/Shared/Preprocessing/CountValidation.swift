import Tensors

/// The first count that may be another: 2²⁴ + 1, read as Float, is 2²⁴ too.
private let countLimit: Float = 16_777_216

/// What a stored value can be wrong in.
private func complaint(about value: Float, allowingNonInteger: Bool) -> String? {
  if value.isNaN { return "is not a number; remove the cell or fix the program that wrote it" }
  if value.isInfinite { return "is not finite; remove the cell or fix the program that wrote it" }
  if value < 0 { return "is negative; give the raw counts" }
  if value >= countLimit {
    return "is 2^24 or larger, more than a count can be here; give the raw counts"
  }
  if !allowingNonInteger && value != value.rounded(.towardZero) {
    return "is not an integer; give the raw counts, or allow such values with --allow-noninteger"
  }
  return nil
}

/// Checks that every value is a count: finite, not negative, below 2²⁴ and (unless
/// `allowingNonInteger`) whole.
///
/// The first wrong value in row order is named with its cell and gene.
package func validateCounts(
  _ counts: SparseMatrix<Float>, names: AxisNames, allowingNonInteger: Bool = false
) throws(PreprocessingFault) {
  let wrong = firstEntry(of: counts) {
    !($0 >= 0 && $0 < countLimit)
      || (!allowingNonInteger && $0 != $0.rounded(.towardZero))
  }
  guard let (cell, entry) = wrong else { return }
  let value = counts.values[entry]
  let reason = complaint(about: value, allowingNonInteger: allowingNonInteger) ?? "is no count"
  let gene = names.gene(Int(counts.indices[entry]))
  throw PreprocessingFault("\(names.cell(cell)), \(gene): value \(value) \(reason)")
}

/// The first entry in row order whose value satisfies `isWanted`, with its row; searched by tiles
/// of rows in parallel.
func firstEntry(
  of matrix: SparseMatrix<Float>, where isWanted: @Sendable (Float) -> Bool
) -> (row: Int, entry: Int)? {
  let size = 1024
  let found = parallelMap(tileCount(matrix.rows, of: size), tileSize: 1) { number in
    let rows = tile(number, of: size, in: matrix.rows)
    let value = matrix.values.span
    for k in matrix.indptr[rows.lowerBound]..<matrix.indptr[rows.upperBound]
    where isWanted(value[k]) { return k }
    return -1
  }
  guard let entry = found.first(where: { $0 >= 0 }) else { return nil }
  var (low, high) = (0, matrix.rows)
  while high - low > 1 {
    let middle = (low + high) / 2
    if matrix.indptr[middle] <= entry { low = middle } else { high = middle }
  }
  return (low, entry)
}
