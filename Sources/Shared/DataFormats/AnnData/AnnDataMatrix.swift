import CellData
import Tensors

extension StoredNode {
  /// Whether it is a group that is not marked as a matrix, which a name with a slash makes.
  var isNoMatrix: Bool {
    get throws {
      guard case .group(let group) = self else { return false }
      return try AnnDataSparseLayout(group) == nil
    }
  }

  /// A matrix of the shape that the tables promise: a dense dataset, or a group in compressed rows
  /// or columns.
  func annDataMatrix(rows: Int, columns: Int) throws -> MatrixValues {
    switch self {
    case .dataset(let dataset):
      guard dataset.shape == [rows, columns] || (dataset.shape == [rows] && columns == 1) else {
        throw FormatFault(
          dataset.path, "has the dimensions \(dataset.shape), but \(rows) × \(columns) belong there"
        )
      }
      return try dataset.matrixValues()
    case .group(let group):
      guard let layout = try AnnDataSparseLayout(group) else {
        throw FormatFault(group.path, "a group that is not a sparse matrix")
      }
      guard layout.shape == [rows, columns] else {
        throw FormatFault(
          group.path, "has the dimensions \(layout.shape), but \(rows) × \(columns) belong there")
      }
      return .sparse(try layout.matrix(in: group))
    }
  }
}

/// How a group holds a sparse matrix: as of AnnData 0.7 by `encoding-type` and `shape`, before by
/// `h5sparse_…`.
struct AnnDataSparseLayout {
  let byColumns: Bool
  let shape: [Int]

  /// Nil if the group is not marked as a sparse matrix.
  init?(_ group: any StoredGroup) throws {
    let marker = try group.text("encoding-type") ?? group.text("h5sparse_format")
    switch marker {
    case "csr_matrix", "csr": byColumns = false
    case "csc_matrix", "csc": byColumns = true
    default: return nil
    }
    let attribute = try group.attribute("shape") ?? group.attribute("h5sparse_shape")
    guard let shape = try attribute?.integers(), shape.count == 2 else {
      throw FormatFault(group.path, "has no attribute `shape` of two numbers")
    }
    self.shape = shape
  }

  /// The matrix, in compressed rows. (shape)
  func matrix(in group: any StoredGroup) throws -> SparseMatrix<Float> {
    let arrays = try CompressedMatrix(in: group)
    guard byColumns else { return try arrays.matrix(majors: shape[0], minors: shape[1]) }
    return try arrays.matrix(majors: shape[1], minors: shape[0]).transposed()
  }
}
