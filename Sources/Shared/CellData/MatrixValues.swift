import Tensors

/// A matrix of cells × genes as it came: sparse by rows, or dense.
package enum MatrixValues: Sendable, Equatable {
  case sparse(SparseMatrix<Float>)
  case dense(Matrix<Float>)

  package var rows: Int {
    switch self {
    case .sparse(let matrix): matrix.rows
    case .dense(let matrix): matrix.rows
    }
  }

  package var columns: Int {
    switch self {
    case .sparse(let matrix): matrix.columns
    case .dense(let matrix): matrix.columns
    }
  }

  /// The matrix in compressed rows; zeros of a dense one are left out.
  package func sparse() -> SparseMatrix<Float> {
    switch self {
    case .sparse(let matrix): matrix
    case .dense(let matrix): SparseMatrix(matrix)
    }
  }

  /// The matrix with its zeros.
  package func dense() -> Matrix<Float> {
    switch self {
    case .sparse(let matrix): matrix.densified()
    case .dense(let matrix): matrix
    }
  }
}
