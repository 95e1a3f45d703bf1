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
