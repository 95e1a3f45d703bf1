import CellData
import DataFormats
import Foundation
import Tensors
import Testing

/// Parts of AnnData that are not kept, or are changed: each has a message.
@Suite struct UnsPartsTests {
  private let folder: TestFolder
  private let said = Announcements()

  init() throws { folder = try TestFolder() }

  private func data() -> CellData {
    CellData(
      obs: Frame(index: ["a", "b"]), var: Frame(index: ["g"]), x: .dense(Matrix([[1], [2]])))
  }

  /// A store in zarr, with files changed or added by their paths.
  private func store(_ data: CellData, _ files: [(path: String, text: String)]) throws -> String {
    let path = try Container.zarrFolder.write(data, in: folder)
    for file in files {
      let url = URL(fileURLWithPath: "\(path)/\(file.path)")
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(file.text.utf8).write(to: url)
    }
    return path
  }

  private let group = #"{"zarr_format":2}"#
  private let dict = #"{"encoding-type":"dict","encoding-version":"0.1.0"}"#

  @Test("an entry with arrays of records is left out as a whole, which is said")
  func records() throws {
    var data = data()
    data.settings = ["uns.rank.params.method": "\"wilcoxon\"", "uns.rank_2": "1"]
    let array =
      #"{"zarr_format":2,"shape":[1],"chunks":[1],"dtype":[["0","<f4"],["1","<f4"]],"#
      + #""compressor":null,"fill_value":null,"order":"C","filters":null}"#
    let path = try store(
      data, [("uns/rank/names/.zarray", array), ("uns/rank/names/0", "\0\0\0\0\0\0\0\0")])
    let read = try DataFormats.read(path: path, options: said.options())
    #expect(read.settings == ["uns.rank_2": "1"] && read.tensors.isEmpty)
    #expect(said.all == ["left out: uns/rank (it holds arrays of records)"])
  }

  @Test("a copy of the second modality in obsm is left out, another matrix of its name is not")
  func copiesOfSecondModality() throws {
    let values = Matrix<Float>([[0.5, -1], [2, 0]])
    var paired = data()
    paired.setSecondModality(
      Modality(
        name: "adt",
        data: CellData(
          obs: paired.obs, var: Frame(index: ["CD3", "CD4"]), x: .dense(values))))
    paired.obsm = ["adt": values, "adt_": values, "adt_own": values]
    let path = folder.path + "/paired.h5ad"
    try DataFormats.writeAnnData(paired, toPath: path)
    let read = try DataFormats.read(path: path)
    #expect(read.obsm.keys.sorted() == ["adt_own"])
    #expect(read.secondModality?.data.x == .dense(values))
    paired.obsm = ["adt": Matrix([[0.5, -1], [2, 3]])]
    try DataFormats.writeAnnData(paired, toPath: path)
    #expect(try DataFormats.read(path: path).obsm == paired.obsm)
  }

  @Test("our own uns/neighbors is known without its mark, which other programs take away")
  func derivedNeighbors() throws {
    var data = data()
    let graph = SparseMatrix(Matrix<Float>([[0, 1], [1, 0]]))
    data.obsp = ["distances": graph, "connectivities": graph]
    data.history = [
      Provenance(tool: "sc-knn", version: "1", settings: [:], seed: 0, inputCRC: "")
    ]
    let ours = try store(data, [("uns/neighbors/.zattrs", dict)])
    #expect(try DataFormats.read(path: ours).settings.isEmpty)
    try FileManager.default.removeItem(atPath: "\(ours)/uns/single_cell_clustering")
    let other = try DataFormats.read(path: ours)
    #expect(other.settings["uns.neighbors.params.method"] == "\"knn\"")
  }

  @Test("sparse embeddings and graphs in uns are kept in another place or form, which is said")
  func sparseParts() throws {
    let path = try folder.hdf5("in.h5ad") { root in
      for name in ["obs", "var"] {
        let table = try root.create(name, encoding: "dataframe", version: "0.2.0")
        try table.write(name == "obs" ? ["a", "b"] : ["g"], "_index")
        try table.setAttribute("_index", "_index")
      }
      for parent in ["obsm", "uns"] {
        let target = try root.create(parent, encoding: "dict")
          .create("m", encoding: "csr_matrix")
        try target.setAttribute("shape", [2, 2])
        try target.write(Buffer([1, 2] as [Float]), "data")
        try target.write(Buffer([0, 1] as [Int32]), "indices")
        try target.write(Buffer([0, 1, 2] as [Int32]), "indptr")
      }
    }
    let data = try DataFormats.read(path: path, options: said.options())
    #expect(data.obsm["m"] == Matrix([[1, 0], [0, 2]]) && data.obsp["m"]?.entryCount == 2)
    #expect(said.all.contains("obsm/m: a sparse matrix; it is kept as a dense one"))
    #expect(said.all.contains("uns/m: a graph of the cells; it is kept as obsp/m"))
  }
}
