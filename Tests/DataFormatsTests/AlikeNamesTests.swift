import CellData
import DataFormats
import Tensors
import Testing

/// Names that look alike and differ in their bytes: é as one code point, and as e with an accent.
@Suite struct AlikeNamesTests {
  private let folder: TestFolder
  private let said = Announcements()

  init() throws { folder = try TestFolder() }

  private static let (composed, decomposed) = ("\u{E9}", "e\u{301}")

  /// Reads an AnnData file of two cells and two genes, changed by `change`.
  private func read(
    cells: [String] = ["x", "y"], genes: [String] = ["A", "B"],
    _ change: (any WritableGroup) throws -> Void = { _ in }
  ) throws -> CellData {
    let path = try folder.hdf5("in.h5ad") { root in
      try root.write(Buffer<Float>([1, 0, 2, 3]), "X", shape: [2, 2])
      for (name, index) in [("obs", cells), ("var", genes)] {
        let frame = try root.create(name, encoding: "dataframe", version: "0.2.0")
        try frame.write(index, "_index")
        try frame.setAttribute("_index", "_index")
        if name == "obs" { try change(frame) }
      }
    }
    return try DataFormats.read(path: path, options: said.options())
  }

  @Test("two columns whose names look alike are refused, and neither replaces the other")
  func columns() throws {
    let refused = fault {
      _ = try read { frame in
        try frame.write(Buffer([1, 2]), Self.composed)
        try frame.write(Buffer([3, 4]), Self.decomposed)
      }
    }
    #expect(refused?.description.contains("obs: holds two names 'é'") == true)
    #expect(refused?.advice == "rename one of them")
    let data = try read { try $0.write(Buffer([1, 2]), Self.decomposed) }
    #expect(data.obs[Self.composed] == .integer(Buffer([1, 2])))
  }

  @Test("two cells whose names look alike are refused with the reason")
  func cells() throws {
    let refused = fault { _ = try read(cells: [Self.composed, Self.decomposed]) }
    #expect(refused?.description.contains("in two forms of Unicode's normalization") == true)
    let twice = fault { _ = try read(cells: ["x", "x"]) }
    #expect(twice?.description.contains("normalization") == false)
  }

  @Test("two genes whose names look alike get names of their own, which is said")
  func genes() throws {
    let data = try read(genes: [Self.composed, Self.decomposed])
    #expect(data.var.index == ["é", "é-1"])
    #expect(said.all.count == 1 && said.all[0].hasPrefix("var: genes 1 and 2"), "\(said.all)")
    #expect(try read(genes: ["A", "A"]).var.index == ["A", "A-1"])
    #expect(said.all.count == 1, "\(said.all)")
  }

  @Test("two columns of one name in a table of text are both kept")
  func text() throws {
    for (first, second) in [("kind", "kind"), (Self.composed, Self.decomposed)] {
      let path = try folder.file(
        "in.csv", "cell,GeneA,GeneB,\(first),\(second)\nx,1,2,a,c\ny,3,4,b,d\n")
      let data = try DataFormats.read(path: path)
      #expect(data.obs[first]?.classes?.names == ["a", "b"])
      #expect(data.obs["\(second)_1"]?.classes?.names == ["c", "d"])
    }
  }
}
