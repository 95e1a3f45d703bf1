import CellData
import DataFormats
import Foundation
import Tensors
import TestSupport
import Testing

/// Several modalities in one file.
@Suite struct MuDataTests {
  private func object() -> CellData {
    var obs = Frame(index: ["a", "b", "c"])
    obs["type"] = .strings(["x", "y", "x"])
    var data = CellData(
      obs: obs, var: Frame(index: ["g1", "g2"]),
      x: .sparse(SparseMatrix(Matrix<Float>([[1, 0], [0, 2], [3, 4]]))))
    data.layers["counts"] = data.x
    data.obsm = [
      "X_pca": Matrix([[1], [2], [3]]), "X_latent": Matrix([[4, 5], [6, 7], [8, 9]]),
    ]
    data.varm["PCs"] = Matrix([[1], [0]])
    data.obsp["distances"] = SparseMatrix(Matrix<Float>([[0, 1, 0], [0, 0, 2], [3, 0, 0]]))
    data.tensors = ["model.m.w": Tensor([1, 2] as [Float])]
    data.settings = ["uns.k": "3"]
    data.history = [
      Provenance(tool: "t", version: "1", settings: [:], seed: 1, inputCRC: "")
    ]
    var proteins = CellData(
      obs: Frame(index: obs.index), var: Frame(index: ["CD3"]),
      x: .dense(Matrix([[-0.5], [1], [2]])))
    proteins.featureKind = .proteins
    data.setSecondModality(Modality(name: "adt", data: proteins))
    return data
  }

  private func expectSame(_ a: CellData, _ b: CellData) {
    #expect(a.obs == b.obs && a.var == b.var && a.x == b.x && a.layers == b.layers)
    #expect(a.obsm == b.obsm && a.varm == b.varm && a.obsp == b.obsp)
    #expect(a.tensors == b.tensors && a.settings == b.settings && a.history == b.history)
    #expect(a.modalities.map(\.name) == b.modalities.map(\.name))
    for (one, other) in zip(a.modalities, b.modalities) {
      #expect(one.data.x == other.data.x && one.data.var == other.data.var)
      #expect(one.data.settings == other.data.settings)
    }
  }

  @Test func whatWasWrittenComesBack() throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/a.h5mu"
    try DataFormats.writeMuData(object(), toPath: path)
    #expect(try DataFormats.sniff(path: path) == .mudata)
    expectSame(try DataFormats.read(path: path), object())
    let head = try Data(contentsOf: URL(fileURLWithPath: path)).prefix(6)
    #expect(String(decoding: head, as: UTF8.self) == "MuData")
  }

  @Test(arguments: [Container.zarrFolder, .zarrArchive, .zarr3Folder, .zarr3Archive])
  func whatWasWrittenInZarrComesBack(container: Container) throws {
    let folder = try TestFolder()
    let path = try container.write(object(), in: folder)
    #expect(try DataFormats.sniff(path: path) == .mudata)
    expectSame(try DataFormats.read(path: path), object())
  }

  @Test("what mudata wrote in zarr: cells matched by name, the RNA by its name", arguments: [2, 3])
  func storesOfMuData(version: Int) throws {
    let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fixtures")
    let path = fixtures.appendingPathComponent("mudata\(version).zarr.zip").path
    #expect(try DataFormats.sniff(path: path) == .mudata)
    let data = try DataFormats.read(path: path)
    var dense = Matrix<Float>.zeros(5, 5)
    for i in 1..<6 {
      for j in 0..<5 where (7 * i + 3 * j) % 5 > 1 { dense[i - 1, j] = Float((7 * i + 3 * j) % 5) }
    }
    #expect(data.x == .sparse(SparseMatrix(dense)))
    #expect(data.obs.index == (1..<6).map { "cell\($0)" })
    #expect(data.obs["type"]?.classes?.names == ["T cell", "β cell"])
    #expect(data.modalities.map(\.name) == ["prot"])
    let proteins = try #require(data.modalities.first?.data)
    #expect(proteins.obs.index == data.obs.index && proteins.var.index == ["CD3", "CD4"])
    #expect(proteins.x?.dense() == Matrix([[1, 11], [2, 12], [3, 13], [4, 14], [5, 15]]))
    #expect(data.obsm["X_both"] == Matrix((1..<6).map { [Float($0) + 0.5, Float($0) + 0.5] }))
    #expect(data.settings["uns.name"] == "\"pair\"")
  }

  @Test("a note names the modality that keeps cells which the first one lacks")
  func alternative() throws {
    let folder = try TestFolder()
    let path = try folder.hdf5("a.h5mu") { root in
      let group = try root.create("mod", encoding: "dict")
      for (name, feature, count) in [
        ("atac", "chr1:100-200", 2), ("prot", "CD3", 3), ("rna", "ACTB", 3),
      ] {
        let modality = try group.create(name, encoding: "anndata")
        try modality.write(Buffer<Float>(repeating: 1, count: count), "X", shape: [count, 1])
        for (table, names) in [("obs", ["a", "b", "c"].prefix(count)), ("var", [feature])] {
          let frame = try modality.create(table, encoding: "dataframe", version: "0.2.0")
          try frame.write(Array(names), "_index")
          try frame.setAttribute("_index", "_index")
        }
      }
    }
    let said = Announcements()
    let data = try DataFormats.read(path: path, options: said.options())
    #expect(data.cellCount == 2)
    #expect(
      said.all == [
        "mod/rna: 1 of 3 cells are missing from another modality in use (atac, rna) and are dropped",
        "mod/atac: is the second modality, as the first of proteins or peaks in the file; sc-preprocess --second-modality prot keeps all 3 cells",
        "mod/prot: 1 of 3 cells are missing from another modality in use (atac, rna) and are dropped",
      ], "\(said.all)")
    let chosen = try DataFormats.read(
      path: path, options: said.options { $0.second = .named("prot") })
    #expect(chosen.cellCount == 3)
  }

  @Test func oneModalityAloneComesBackToo() throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/a.h5mu"
    var data = object()
    data.clearSecondModality()
    data.modalities = []
    try DataFormats.writeMuData(data, toPath: path)
    expectSame(try DataFormats.read(path: path), data)
  }

  @Test func theSecondModalityIsAlsoSeenInObsmOfAnnData() throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/a.h5ad"
    try DataFormats.writeAnnData(object(), toPath: path)
    expectSame(try DataFormats.read(path: path), object())
    var plain = object()
    plain.clearSecondModality()
    let other = "\(folder.path)/b.h5ad"
    try DataFormats.writeAnnData(plain, toPath: other)
    let bytes = try [path, other].map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    #expect(bytes[0] != bytes[1])
  }

  @Test func theRNAIsToldByNameAndCanBeChosen() throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/a.h5mu"
    var data = object()
    data.modalities[0].name = "gex"
    data.clearSecondModality()
    try DataFormats.writeMuData(data, toPath: path)
    let chosen = try DataFormats.read(path: path, options: ReadingOptions(rna: "gex"))
    #expect(chosen.var.index == ["CD3"] && chosen.modalities.map(\.name) == ["rna"])
    let found = fault { _ = try DataFormats.read(path: path, options: ReadingOptions(rna: "none")) }
    #expect(found?.kind == .usage && found?.advice == "choose one of rna, gex")
  }

  @Test(
    .enabled(if: Reference.exists("data/paired/cite_pbmc_3762.h5mu"), "needs the shared data sets"))
  func pairedSetsAreRead() throws {
    let folder = Reference.folder.appendingPathComponent("data/paired")
    let data = try DataFormats.read(path: folder.appendingPathComponent("cite_pbmc_3762.h5mu").path)
    #expect(data.cellCount == 3762 && data.geneCount == 2000)
    #expect(data.modalities.map(\.name) == ["adt"] && data.modalities[0].data.geneCount == 49)
    #expect(data.obs["cell_type"] != nil)
  }
}
