import Tensors

/// AnnData's `raw`: a matrix of all genes in addition to X, with its own names of genes. Most
/// stages only pass it on. A matrix from a stream therefore stays as stored until a stage reads it.
package struct RawValues: Sendable {
  private enum Content: Sendable {
    case values(MatrixValues)
    case stored(StoredMatrix)
  }

  private var content: Content
  package var `var`: Frame

  package init(x: MatrixValues, `var` genes: Frame) {
    (content, self.var) = (.values(x), genes)
  }

  /// A matrix that is decoded when it is read.
  package init(x: StoredMatrix, `var` genes: Frame) {
    (content, self.var) = (.stored(x), genes)
  }

  /// The matrix, cells × genes of `var`. A stored one is decoded at every call.
  package var x: MatrixValues {
    get {
      switch content {
      case .values(let values): values
      case .stored(let stored): .sparse(stored.decoded())
      }
    }
    set { content = .values(newValue) }
  }

  /// The matrix as a stream stores it; nil if it is decoded.
  package var stored: StoredMatrix? {
    if case .stored(let stored) = content { stored } else { nil }
  }

  /// The entries of the matrix: all of them if it is dense.
  package var entryCount: Int {
    switch content {
    case .values(.sparse(let matrix)): matrix.entryCount
    case .values(.dense(let matrix)): matrix.rows * matrix.columns
    case .stored(let stored): stored.data.count
    }
  }

  /// The bytes that the matrix takes in its present form.
  package var bytes: Int {
    switch content {
    case .values(.sparse(let matrix)): 8 * matrix.entryCount
    case .values(.dense(let matrix)): 4 * matrix.rows * matrix.columns
    case .stored(let stored): stored.indices.bytes.count + stored.data.bytes.count
    }
  }
}

/// A sparse matrix in compressed rows as a stream stores it: checked, and not decoded.
package struct StoredMatrix: Sendable {
  package let rows: Int
  package let columns: Int
  package let indptr: Tensor
  package let indices: Tensor
  package let data: Tensor
  private let decoding: @Sendable () -> SparseMatrix<Float>

  /// `decoding` gives the matrix of the three tensors, whose structure and values are sound.
  package init(
    rows: Int, columns: Int, indptr: Tensor, indices: Tensor, data: Tensor,
    decoding: @escaping @Sendable () -> SparseMatrix<Float>
  ) {
    (self.rows, self.columns) = (rows, columns)
    (self.indptr, self.indices, self.data) = (indptr, indices, data)
    self.decoding = decoding
  }

  /// The matrix itself. (rows, columns)
  package func decoded() -> SparseMatrix<Float> { decoding() }
}
