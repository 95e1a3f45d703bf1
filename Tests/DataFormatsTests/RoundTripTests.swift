import CellData
import DataFormats
import Foundation
import Tensors
import Testing

/// An object with something in every place that CellData has.
private func richData() -> CellData {
  let counts = SparseMatrix(Matrix<Float>([[1, 0, 2], [0, 0, 0], [0, 3.5, 0], [4, 0, 1e6]]))
  var obs = Frame(index: ["AAA-1", "CCC-1", "GGG-1", "Zelle α"])
  obs["size_factors"] = .float32(Buffer([0.5, 1, 1.5, 2]))
  obs["n_counts"] = .float64(Buffer([3, 0, 3.5, 1_000_004]))
  obs["n_genes"] = .integer(Buffer([2, 0, 1, 2]))
  obs["kept"] = .boolean(Buffer([true, false, true, true]))
  obs["note"] = .strings(["a", "", "tab\there", "ü"])
  obs["cluster"] = .categorical(
    Categories(codes: Buffer([0, -1, 1, 0]), names: ["0", "1"], isOrdered: true))
  var genes = Frame(index: ["g1", "g2", "g3"])
  genes["gene_ids"] = .strings(["E1", "E2", "E3"])
  var data = CellData(obs: obs, var: genes, x: .sparse(counts))
  data.layers["counts"] = .sparse(counts)
  data.layers["dense"] = .dense(counts.densified())
  data.raw = RawValues(x: .sparse(counts), var: genes)
  data.obsm["X_pca"] = Matrix([[1, 2], [3, 4], [5, 6], [7, 8]])
  data.varm["PCs"] = Matrix([[1], [2], [3]])
  let graph = SparseMatrix(
    Matrix<Float>([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 2], [0, 0, 2, 0]]))
  data.obsp = ["distances": graph, "connectivities": graph]
  data.tensors = [
    "model.sctpf.kernel": Tensor([1.5, -2, 3] as [Float], shape: [3, 1]),
    "model.sctpf": Tensor([7] as [Int32]), "rng.state": Tensor([.max, 1] as [UInt64]),
    "optim.step": Tensor([9] as [Int], shape: []),
    "uns.loss.sctpf": Tensor([0.25, 0.5] as [Double], shape: [2, 1]),
    "uns.small": Tensor([1, 2] as [UInt16]),
    "half": Tensor(elementType: .bfloat16, shape: [1], bytes: Buffer([0x80, 0x3F])),
    "flags": Tensor(elementType: .bool, shape: [2], bytes: Buffer([1, 0])),
  ]
  data.settings = [
    "uns.name": "\"quoted \\\" text\"", "uns.count": "15", "uns.share": "0.01",
    "uns.on": "true", "uns.nested.list": "[\"a\",\"b,c\"]", "uns.object": "{\"k\":[1,2]}",
    "uns.small.inner": "1", "uns.spaced": "1e3",
  ]
  data.history = [
    Provenance(
      tool: "sc-preprocess", version: "1", settings: ["genes": "2000"], seed: 0, inputCRC: ""),
    Provenance(
      tool: "sc-knn", version: "1", settings: ["neighbors": "15", "metric": "\"cosine\""],
      seed: .max, inputCRC: "0badf00d"),
  ]
  let proteins = CellData(
    obs: Frame(index: obs.index), var: Frame(index: ["CD3", "CD19"]),
    x: .dense(Matrix([[1, 2], [3, 4], [5, 6], [7, 8]])))
  data.modalities = [Modality(name: "adt", data: proteins)]
  return data
}

@Suite struct RoundTripTests {
  @Test(arguments: [false, true])
  func readingWhatWasWrittenGivesTheSameObject(for07: Bool) throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/a.h5ad"
    let data = richData()
    try DataFormats.writeAnnData(data, toPath: path, for07: for07)
    #expect(try DataFormats.sniff(path: path) == .anndata)
    let again = try DataFormats.read(path: path)
    #expect(again.x == data.x)
    #expect(again.obs == data.obs)
    #expect(again.var == data.var)
    #expect(again.layers == data.layers)
    #expect(again.raw?.x == data.raw?.x)
    #expect(again.raw?.var == data.raw?.var)
    #expect(again.obsm == data.obsm)
    #expect(again.varm == data.varm)
    #expect(again.obsp == data.obsp)
    #expect(again.tensors == data.tensors)
    #expect(again.settings == data.settings)
    #expect(again.history == data.history)
    #expect(again.modalities.map(\.name) == ["adt"])
    #expect(again.modalities.first?.data.x == data.modalities.first?.data.x)
    #expect(again.modalities.first?.data.var == data.modalities.first?.data.var)
  }

  @Test func singleValuesThatAreNotFiniteComeBack() throws {
    let folder = try TestFolder()
    var data = richData()
    data.tensors = ["uns.limit": Tensor([.infinity] as [Double], shape: [])]
    let path = "\(folder.path)/a.h5ad"
    try DataFormats.writeAnnData(data, toPath: path)
    #expect(try DataFormats.read(path: path).tensors == data.tensors)
  }

  @Test func equalContentGivesEqualBytes() throws {
    let folder = try TestFolder()
    let paths = ["\(folder.path)/a.h5ad", "\(folder.path)/b.h5ad"]
    for path in paths { try DataFormats.writeAnnData(richData(), toPath: path) }
    let bytes = try paths.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    #expect(bytes[0] == bytes[1])
  }

  @Test func largeArraysComeBackThroughGzip() throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/a.h5ad"
    let (rows, columns) = (3000, 200)
    let values = Buffer((0..<rows * columns).map { Float($0 % 7 < 5 ? 0 : $0 % 1000) })
    let matrix = Matrix(rows: rows, columns: columns, elements: values)
    var data = CellData(
      obs: Frame(index: (0..<rows).map { "c\($0)" }),
      var: Frame(index: (0..<columns).map { "g\($0)" }), x: .sparse(SparseMatrix(matrix)))
    data.obsm["wide"] = matrix
    data.layers["zeros"] = .dense(matrix)
    try DataFormats.writeAnnData(data, toPath: path)
    let again = try DataFormats.read(path: path)
    #expect(again.x == data.x)
    #expect(again.obsm["wide"] == matrix)
    // 2 in 7 are not zero: dense on disk, sparse in memory.
    #expect(again.layers["zeros"] == .sparse(SparseMatrix(matrix)))
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    #expect((size ?? .max) < rows * columns * 4)
  }

  @Test func whereNothingCanBeCreatedTheFaultSaysSo() throws {
    let found = fault { try DataFormats.writeAnnData(richData(), toPath: "/nonexistent/a.h5ad") }
    #expect(found?.kind == .cannotCreate)
  }

  @Test func aFullDiskIsAFault() throws {
    let found = fault { try DataFormats.writeAnnData(richData(), toPath: "/dev/full") }
    #expect(found?.kind == .inputOutput || found?.kind == .cannotCreate)
    #expect(found?.problem.hasSuffix("No space left on device") == true)
  }
}
