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

/// The ways in which objects are written: AnnData, and in zarr MuData of several modalities.
enum Container: CaseIterable {
  case hdf5, hdf5For07, zarrFolder, zarrArchive, zarr3Folder, zarr3Archive

  private var version: ZarrVersion { [.zarr3Folder, .zarr3Archive].contains(self) ? .three : .two }

  /// Writes an object into a folder, and returns where.
  func write(_ data: CellData, in folder: TestFolder, as name: String = "a") throws -> String {
    let path = "\(folder.path)/\(name)"
    switch self {
    case .hdf5: try DataFormats.writeAnnData(data, toPath: path)
    case .hdf5For07: try DataFormats.writeAnnData(data, toPath: path, for07: true)
    case .zarrFolder, .zarr3Folder:
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      try DataFormats.writeZarr(data, version: version, toFolder: path)
    case .zarrArchive, .zarr3Archive:
      var bytes: [UInt8] = []
      try DataFormats.writeZarr(data, version: version) { bytes += Array($0) }
      _ = try folder.file(name, bytes)
    }
    return path
  }
}

@Suite struct RoundTripTests {
  @Test(arguments: Container.allCases)
  func readingWhatWasWrittenGivesTheSameObject(container: Container) throws {
    let folder = try TestFolder()
    let data = richData()
    let path = try container.write(data, in: folder)
    let isHDF5 = [.hdf5, .hdf5For07].contains(container)
    #expect(try DataFormats.sniff(path: path) == (isHDF5 ? .anndata : .mudata))
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

  /// The members of an archive are the files of the folder, and none is of the other version.
  @Test(arguments: [
    (Container.zarrFolder, Container.zarrArchive), (.zarr3Folder, .zarr3Archive),
  ])
  func storesAreOfOneVersion(_ container: Container, _ archive: Container) throws {
    let folder = try TestFolder()
    let path = try container.write(richData(), in: folder)
    func packed(_ name: String) throws -> Data {
      let path = try archive.write(richData(), in: folder, as: name)
      return try Data(contentsOf: URL(fileURLWithPath: path))
    }
    let (bytes, manager) = (try packed("b"), FileManager.default)
    let files = try manager.subpathsOfDirectory(atPath: path).filter {
      manager.contents(atPath: "\(path)/\($0)") != nil
    }
    for name in files { #expect(bytes.range(of: Data(name.utf8)) != nil, "\(name)") }
    let kinds = Set(files.map { String($0.split(separator: "/").last ?? "") })
    let metadata: Set = ["zarr.json", ".zgroup", ".zarray", ".zattrs", ".zmetadata"]
    #expect(
      kinds.intersection(metadata)
        == (container == .zarr3Folder ? ["zarr.json"] : metadata.subtracting(["zarr.json"])))
    // Written again, an object gives the same bytes.
    #expect(try packed("c") == bytes)
  }

  @Test("a dot in a key of uns is no level", arguments: Container.allCases)
  func dotsInKeys(container: Container) throws {
    let folder = try TestFolder()
    let path = try folder.hdf5("in.h5ad") { root in
      for name in ["obs", "var"] {
        let table = try root.create(name, encoding: "dataframe", version: "0.2.0")
        try table.write(["a"], "_index")
        try table.setAttribute("_index", "_index")
      }
      let uns = try root.create("uns", encoding: "dict")
      try uns.write(["#fff", "#000"], "leiden_res0.5_colors")
      try uns.write(Buffer([1]), "a.b", shape: [])
      try uns.write(Buffer([3.5]), "50%2E")
      try uns.create("a", encoding: "dict").write(Buffer([2]), "b", shape: [])
    }
    let data = try DataFormats.read(path: path)
    #expect(data.settings["uns.leiden_res0%2E5_colors"] == ##"["#fff","#000"]"##)
    #expect(data.settings["uns.a%2Eb"] == "1" && data.settings["uns.a.b"] == "2")
    #expect(data.tensors.keys.sorted() == ["uns.50%252E"])
    let again = try container.write(data, in: folder)
    #expect(try DataFormats.read(path: again).settings == data.settings)
    #expect(try DataFormats.read(path: again).tensors == data.tensors)
    guard container == .zarrFolder else { return }
    #expect(FileManager.default.fileExists(atPath: "\(again)/uns/leiden_res0.5_colors"))
    #expect(FileManager.default.fileExists(atPath: "\(again)/uns/a.b"))
    #expect(FileManager.default.fileExists(atPath: "\(again)/uns/50%2E"))
  }

  @Test(arguments: [Container.hdf5, .zarrFolder, .zarr3Folder])
  func singleValuesThatAreNotFiniteComeBack(container: Container) throws {
    let folder = try TestFolder()
    var data = richData()
    data.tensors = ["uns.limit": Tensor([.infinity] as [Double], shape: [])]
    let path = try container.write(data, in: folder)
    #expect(try DataFormats.read(path: path).tensors == data.tensors)
  }

  @Test(arguments: [Container.hdf5, .zarrArchive])
  func equalContentGivesEqualBytes(container: Container) throws {
    let folder = try TestFolder()
    let paths = try ["a", "b"].map { try container.write(richData(), in: folder, as: $0) }
    let bytes = try paths.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    #expect(bytes[0] == bytes[1])
  }

  @Test(arguments: [Container.hdf5, .zarrArchive])
  func largeArraysComeBackInChunks(container: Container) throws {
    let folder = try TestFolder()
    let (rows, columns) = (6_000, 200)
    let values = Buffer((0..<rows * columns).map { Float($0 % 7 < 5 ? 0 : $0 % 1000) })
    let matrix = Matrix(rows: rows, columns: columns, elements: values)
    var data = CellData(
      obs: Frame(index: (0..<rows).map { "c\($0)" }),
      var: Frame(index: (0..<columns).map { "g\($0)" }), x: .sparse(SparseMatrix(matrix)))
    data.obsm["wide"] = matrix
    data.layers["zeros"] = .dense(matrix)
    let path = try container.write(data, in: folder)
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

  @Test func namesThatAreNoFilesOfAStoreAreChangedOrRefused() throws {
    let folder = try TestFolder()
    var data = CellData(obs: Frame(index: ["a"]), var: Frame(index: ["g"]))
    data.obs[".."] = .integer(Buffer([1]))
    data.obs["x/y"] = .integer(Buffer([2]))
    let path = try Container.zarrFolder.write(data, in: folder)
    #expect(try DataFormats.read(path: path).obs.columnNames.sorted() == ["_", "x_y"])
    data.obs[String(repeating: "long", count: 64)] = .integer(Buffer([3]))
    let found = fault { _ = try Container.zarrFolder.write(data, in: folder, as: "b") }
    #expect(found?.problem.contains("longer than the 255 bytes") == true)
    var named = CellData(obs: Frame(index: ["a"]), var: Frame(index: ["g"]))
    named.obs["zarr.json"] = .integer(Buffer([1]))
    for (number, container) in Container.allCases.dropFirst(2).enumerated() {
      let refused = fault { _ = try container.write(named, in: folder, as: "c\(number)") }
      #expect(refused?.place == "obs/zarr.json" && refused?.kind == .badData, "\(container)")
    }
  }

  @Test func aStoreOfOneModalityIsAnnData() throws {
    let folder = try TestFolder()
    var data = richData()
    data.modalities = []
    let path = try Container.zarrFolder.write(data, in: folder)
    #expect(try DataFormats.sniff(path: path) == .anndata)
    let again = try DataFormats.read(path: path)
    #expect(again.x == data.x && again.obs == data.obs && again.modalities.isEmpty)
  }

  @Test func aFullDiskIsAFault() throws {
    let found = fault { try DataFormats.writeAnnData(richData(), toPath: "/dev/full") }
    #expect(found?.kind == .inputOutput || found?.kind == .cannotCreate)
    #expect(found?.problem.hasSuffix("No space left on device") == true)
  }
}
