import CellData
import Tensors

/// Throws naming row and column if a dense matrix holds NaN or an infinity.
func requireFinite(_ matrix: Matrix<Float>, named name: String) throws {
  guard let k = firstNonFinite(matrix.elements) else { return }
  throw notFinite(name, row: k / matrix.columns, column: k % matrix.columns, matrix.elements[k])
}

/// The same for the stored values of a sparse matrix whose structure is sound.
func requireFinite(_ matrix: SparseMatrix<Float>, named name: String) throws {
  guard let k = firstNonFinite(matrix.values) else { return }
  let row = (0..<matrix.rows).first { matrix.indptr[$0 + 1] > k } ?? 0
  throw notFinite(name + ".data", row: row, column: Int(matrix.indices[k]), matrix.values[k])
}

private func notFinite(_ name: String, row: Int, column: Int, _ value: Float) -> StreamFault {
  StreamFault.tensor(
    name, "row \(row), column \(column) is \(value)",
    remedy: "correct or drop these values where they were made")
}

/// The position of the first NaN or infinity.
private func firstNonFinite(_ values: Buffer<Float>) -> Int? {
  let span = values.span
  let block = 1 << 14
  var begin = 0
  while begin < span.count {
    let end = min(span.count, begin + block)
    let part = span.extracting(begin..<end)
    // An exponent of ones is NaN or infinite; a maximum vectorizes, an early exit would not.
    var largest: UInt32 = 0
    for i in part.indices { largest = max(largest, part[i].bitPattern & 0x7FFF_FFFF) }
    if largest >= 0x7F80_0000 { return (begin..<end).first { !span[$0].isFinite } }
    begin = end
  }
  return nil
}
