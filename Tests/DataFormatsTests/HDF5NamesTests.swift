import CellData
import DataFormats
import Foundation
import Synchronization
import Tensors
import Testing

/// Collects what a reader announces.
final class Announcements: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }

  func options(_ change: (inout ReadingOptions) -> Void = { _ in }) -> ReadingOptions {
    var options = ReadingOptions(announce: { line in self.lines.withLock { $0.append(line) } })
    change(&options)
    return options
  }
}

/// The source of the names of cells and genes in HDF5 files, and the messages about it.
@Suite struct HDF5NamesTests {
  private let folder: TestFolder
  private let said = Announcements()

  init() throws { folder = try TestFolder() }

  /// (2 genes, 3 cells)
  private let turned: [Float] = [1, 0, 2, 0, 3, 4]

  private func loom(
    _ genes: [(String, [String])], _ cells: [(String, [String])],
    _ change: (any WritableGroup) throws -> Void = { _ in }
  ) throws -> CellData {
    let path = try folder.hdf5("\(UUID().uuidString).loom") { root in
      try root.write(Buffer(turned), "matrix", shape: [2, 3])
      let rows = try root.create("row_attrs", encoding: "")
      for (name, values) in genes { try rows.write(values, name) }
      let columns = try root.create("col_attrs", encoding: "")
      for (name, values) in cells { try columns.write(values, name) }
      try change(root)
    }
    return try DataFormats.read(path: path, options: said.options())
  }

  @Test func loomNamesUnderOtherAttributes() throws {
    let known = try loom([("gene_symbols", ["A", "B"])], [("Barcode", ["x", "y", "z"])])
    #expect(known.obs.index == ["x", "y", "z"] && known.var.index == ["A", "B"])
    #expect(said.all.isEmpty)
    let only = try loom(
      [("label", ["A", "B"])], [("kind", ["k", "k", "k"]), ("token", ["x", "y", "z"])])
    #expect(only.obs.index == ["x", "y", "z"] && only.var.index == ["A", "B"])
    #expect(said.all.count == 2 && said.all[0].contains("col_attrs/token"), "\(said.all)")
  }

  @Test func loomNamesThatAreMadeUpAreSaid() throws {
    let data = try loom(
      [("p", ["A", "B"]), ("q", ["C", "D"])], [("kind", ["k", "k", "l"])])
    #expect(data.obs.index == ["cell_1", "cell_2", "cell_3"])
    #expect(data.var.index == ["gene_1", "gene_2"])
    #expect(said.all.count == 2, "\(said.all)")
    #expect(said.all.last?.contains("in row_attrs are: 'p', 'q'") == true, "\(said.all)")
  }

  @Test func loomAttributesAndLayersThatDoNotFitAreNamed() throws {
    _ = try loom(
      [("Gene", ["A", ""]), ("Accession", ["E1", "E2"])],
      [("CellID", ["x", "y", "z"]), ("short", ["only"])]
    ) { root in
      try root.create("layers", encoding: "").create("log", encoding: "").write(
        Buffer(turned), "norm", shape: [2, 3])
    }
    #expect(said.all.count == 2, "\(said.all)")
    #expect(said.all[0] == "row_attrs: 1 gene has no symbol, so its identifier is used as its name")
    #expect(
      said.all[1].hasPrefix("left out: col_attrs/short (") && said.all[1].contains("layers/log ("))
  }

  private func benchmark(_ change: (any WritableGroup) throws -> Void) throws -> CellData {
    let path = try folder.hdf5("\(UUID().uuidString).h5") { root in
      try root.write(Buffer(turned), "X", shape: [2, 3])
      try change(root)
    }
    return try DataFormats.read(path: path, options: said.options())
  }

  @Test func benchmarkIsTurnedAsItsListsAre() throws {
    let data = try benchmark {
      try $0.write(Buffer([4, 5, 4]), "Y")
      try $0.write(["A", "B"], "gene_symbol")
      try $0.write(Buffer<Float>([1, 2, 3, 4, 5, 6]), "ADT", shape: [2, 3])
    }
    #expect(data.x?.dense() == Matrix([[1, 0], [0, 3], [2, 4]]))
    #expect(data.obs["Y"] == .integer(Buffer([4, 5, 4])) && data.var.index == ["A", "B"])
    #expect(data.modalities[0].data.x?.dense() == Matrix([[1, 4], [2, 5], [3, 6]]))
    #expect(said.all[0].contains("2 × 3, read with the cells in its columns"), "\(said.all)")
    #expect(said.all.contains { $0.contains("no list has names of the 3 cells") })
  }

  @Test func benchmarkListsThatFitNowhereAreRefused() throws {
    let labels = fault { _ = try benchmark { try $0.write(Buffer([1, 2, 3, 4]), "labels") } }
    #expect(labels?.kind == .badData)
    #expect(labels?.description.contains("labels: has 4 values, but X is 2 × 3") == true)
    let both = fault {
      _ = try benchmark {
        try $0.write(Buffer([1, 2]), "Y")
        try $0.write(["x", "y", "z"], "barcodes")
      }
    }
    #expect(
      both?.description.contains("'Y' has as many cells as there are rows (2)") == true,
      "\(both as Any)")
  }

  private func frame(_ parent: any WritableGroup, _ name: String) throws -> any WritableGroup {
    try parent.create(name, encoding: "dataframe", version: "0.2.0")
  }

  /// An AnnData file of three cells and two genes whose tables `obs` and `var` make.
  private func annData(
    obs: (any WritableGroup) throws -> Void, genes: (any WritableGroup) throws -> Void,
    change: (inout ReadingOptions) -> Void = { _ in }
  ) throws -> CellData {
    let path = try folder.hdf5("\(UUID().uuidString).h5ad") { root in
      try root.write(Buffer(turned), "X", shape: [3, 2])
      try obs(frame(root, "obs"))
      try genes(frame(root, "var"))
    }
    return try DataFormats.read(path: path, options: said.options(change))
  }

  private func index(_ names: [String]) -> (any WritableGroup) throws -> Void {
    { frame in
      try frame.write(names, "_index")
      try frame.setAttribute("_index", "_index")
    }
  }

  @Test func anIndexOfCategoriesOrMaskedTextIsAnIndex() throws {
    let data = try annData { frame in
      let names = try frame.create("id", encoding: "categorical", version: "0.2.0")
      try names.write(["z", "x", "y"], "categories")
      try names.write(Buffer<Int32>([1, 2, 0]), "codes")
      try frame.setAttribute("_index", "id")
    } genes: { frame in
      let names = try frame.create("symbol", encoding: "nullable-string-array")
      try names.write(["A", "B"], "values")
      try names.write(booleans: Buffer([0, 0]), "mask")
      try frame.setAttribute("_index", "symbol")
    }
    #expect(data.obs.index == ["x", "y", "z"] && data.var.index == ["A", "B"])
    #expect(said.all.isEmpty, "\(said.all)")
  }

  @Test func anIndexOfNumbersIsSaid() throws {
    let data = try annData { frame in
      try frame.write(Buffer([30, 10, 20]), "id")
      try frame.setAttribute("_index", "id")
    } genes: {
      try index(["A", "B"])($0)
    }
    #expect(data.obs.index == ["30", "10", "20"])
    #expect(said.all == ["obs/id: the index holds numbers, which are treated as names"])
  }

  @Test func tablesWithoutIndexHaveNamesFromTheirColumnsOrMadeUp() throws {
    let data = try annData {
      try $0.write(["k", "k", "l"], "kind")
    } genes: {
      try $0.write(["A", "B"], "feature_name")
    }
    #expect(data.obs.index == ["cell_1", "cell_2", "cell_3"] && data.var.index == ["A", "B"])
    #expect(data.obs["kind"] == .strings(["k", "k", "l"]))
    #expect(said.all.count == 1 && said.all[0].contains("in obs are: 'kind'"))
  }

  @Test func cellsAreMadeUniqueWhereThatIsAskedFor() throws {
    let genes = index(["A", "B"])
    let refused = fault { _ = try annData(obs: index(["x", "y", "x"]), genes: genes) }
    #expect(refused?.description.contains("(number 3)") == true)
    #expect(refused?.advice.contains("--make-unique") == true)
    let data = try annData(obs: index(["x", "x-1", "x"]), genes: genes) {
      $0.makesCellsUnique = true
    }
    #expect(data.obs.index == ["x", "x-1", "x-2"])
    #expect(said.all.last?.hasPrefix("obs: 1 cell has a duplicate name") == true, "\(said.all)")
  }

  @Test func emptyNamesOfGenesAreFilled() throws {
    let data = try annData(obs: index(["x", "y", "z"])) { frame in
      try index(["", "NA"])(frame)
      try frame.write(["E1", "E2"], "gene_ids")
    }
    #expect(data.var.index == ["E1", "E2"])
    #expect(said.all == ["var: 2 genes have no symbol, so their identifiers are used as names"])
    let none = try annData(obs: index(["x", "y", "z"]), genes: index(["", "NA"]))
    #expect(none.var.index == ["gene_1", "NA"])
  }
}
