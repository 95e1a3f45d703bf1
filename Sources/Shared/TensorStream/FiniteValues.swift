import CellData
import Tensors

/// Throws naming row and column if a dense matrix holds NaN or an infinity.
func requireFinite(_ matrix: Matrix<Float>, named name: String) throws {
  guard let (row, column) = matrix.firstNonFinite else { return }
  throw notFinite(name, row: row, column: column, matrix[row, column])
}

/// The same for the stored values of a sparse matrix whose structure is sound.
func requireFinite(_ matrix: SparseMatrix<Float>, named name: String) throws {
  guard let (row, column, entry) = matrix.firstNonFinite else { return }
  throw notFinite(name + ".data", row: row, column: column, matrix.values[entry])
}

private func notFinite(_ name: String, row: Int, column: Int, _ value: Float) -> StreamFault {
  StreamFault.tensor(
    name, "row \(row), column \(column) is \(value)",
    remedy: "correct or drop these values where they were made")
}
