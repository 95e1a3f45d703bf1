import CellData
import DataFormats
import Tensors
import Testing

/// Compressed matrices whose entries are in any order, and repeated.
@Suite struct RepeatedEntriesTests {
  private func read(
    _ encoding: String, data: [Float], indices: [Int], indptr: [Int], _ said: Announcements
  ) throws -> CellData {
    let folder = try TestFolder()
    let path = try folder.hdf5("a.h5ad") { root in
      for (name, names) in [("obs", ["x", "y"]), ("var", ["A", "B", "C"])] {
        let frame = try root.create(name, encoding: "dataframe", version: "0.2.0")
        try frame.write(names, "_index")
        try frame.setAttribute("_index", "_index")
      }
      let x = try root.create("X", encoding: encoding)
      try x.setAttribute("shape", [2, 3])
      try x.write(Buffer(data), "data")
      try x.write(Buffer(indices), "indices")
      try x.write(Buffer(indptr), "indptr")
    }
    return try DataFormats.read(path: path, options: said.options())
  }

  @Test func areAddedInRowsAndInColumns() throws {
    let expected = SparseMatrix(Matrix<Float>([[6, 0, 2], [0, 0, 3]]))
    let said = Announcements()
    let rows = try read(
      "csr_matrix", data: [1, 2, 5, 3], indices: [0, 2, 0, 2], indptr: [0, 3, 4], said)
    #expect(rows.x == .sparse(expected))
    #expect(
      said.all == ["X/data: 1 entry is repeated; repeated entries are added up, as in SciPy"])
    let columns = try read(
      "csc_matrix", data: [1, 2, 3, 1, 2], indices: [0, 0, 0, 1, 0], indptr: [0, 3, 3, 5], said)
    #expect(columns.x?.dense() == Matrix([[6, 0, 2], [0, 0, 1]]))
    #expect(said.all.last?.hasPrefix("X/data: 2 entries are repeated") == true)
  }

  @Test func anyOrderIsRightWithoutAWord() throws {
    let said = Announcements()
    let data = try read(
      "csr_matrix", data: [2, 1, 3], indices: [2, 0, 2], indptr: [0, 2, 3], said)
    #expect(data.x?.dense() == Matrix([[1, 0, 2], [0, 0, 3]]) && said.all.isEmpty)
  }
}
