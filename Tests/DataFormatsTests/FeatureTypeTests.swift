import CellData
import DataFormats
import Foundation
import Tensors
import Testing

/// Feature types part a matrix; other words do not.
@Suite struct FeatureTypeTests {
  private let folder: TestFolder
  private let said = Announcements()

  init() throws { folder = try TestFolder() }

  /// Two cells of four features whose column `name` has the values.
  private func annData(
    _ name: String, _ types: [String], isDense: Bool = true,
    change: (inout ReadingOptions) -> Void = { _ in }
  ) throws -> CellData {
    var genes = Frame(index: ["A", "P", "B", "Q"])
    genes[name] = .categorical(Categories(types))
    let x = Matrix<Float>([[1, 20, 0, 30], [2, 40, 3, 50]])
    var data = CellData(
      obs: Frame(index: ["x", "y"]), var: genes,
      x: isDense ? .dense(x) : .sparse(SparseMatrix(x)))
    data.layers["counts"] = .sparse(SparseMatrix(x))
    data.varm["PCs"] = Matrix([[1], [2], [3], [4]])
    data.raw = RawValues(x: .dense(x), var: genes)
    let path = "\(folder.path)/\(UUID().uuidString).h5ad"
    try DataFormats.writeAnnData(data, toPath: path)
    return try DataFormats.read(
      path: path,
      options: said.options {
        $0.splitsFeatureTypes = true
        change(&$0)
      })
  }

  @Test(arguments: [false, true]) func annDataIsPartedAsFilesOf10xAre(isDense: Bool) throws {
    let types = ["Gene Expression", "Antibody Capture", "Gene Expression", "Antibody Capture"]
    let data = try annData("feature_types", types, isDense: isDense)
    #expect(data.var.index == ["A", "B"] && data.x?.dense() == Matrix([[1, 0], [2, 3]]))
    #expect(data.layers["counts"]?.dense() == Matrix([[1, 0], [2, 3]]))
    #expect(data.raw?.var.index == ["A", "B"] && data.varm["PCs"] == Matrix([[1], [3]]))
    let proteins = try #require(data.modalities.first)
    #expect(proteins.name == "adt" && proteins.data.var.index == ["P", "Q"])
    #expect(proteins.data.x?.dense() == Matrix([[20, 30], [40, 50]]))
    #expect(proteins.data.layers["counts"]?.dense() == Matrix([[20, 30], [40, 50]]))
    #expect(said.all.count == 1 && said.all[0].contains("2 of type 'Antibody Capture'"))
  }

  @Test(arguments: [
    ["gene expression", "antibody capture", "gene expression", "antibody capture"],
    ["Gene_Expression", "PEAKS", "Gene_Expression", "PEAKS"], ["GEX", "ADT", "GEX", "ADT"],
  ]) func typesAreKnownHoweverTheyAreWritten(types: [String]) throws {
    let data = try annData("Feature Type", types)
    #expect(data.var.index == ["A", "B"] && data.modalities.count == 1)
    let other = types[1] == "PEAKS" ? "atac" : "adt"
    #expect(try annData("feature_type", types) { $0.rna = other }.var.index == ["P", "Q"])
  }

  @Test(arguments: [
    ["protein_coding", "lincRNA", "protein_coding", "pseudogene"], ["1", "2", "X", "MT"],
    ["Gene Expression", "Gene Expression", "Gene Expression", "Gene Expression"],
  ]) func otherWordsPartNothing(types: [String]) throws {
    let data = try annData("feature_types", types)
    #expect(data.geneCount == 4 && data.modalities.isEmpty && said.all.isEmpty)
  }

  @Test func oneMatrixHasNoModalityToChoose() throws {
    let refused = fault { _ = try annData("kind", ["a", "b", "c", "d"]) { $0.rna = "rna" } }
    #expect(refused?.kind == .usage && refused?.advice == "leave --rna out")
  }

  @Test func aThirdColumnOfOtherWordsIsAnAnnotation() throws {
    for (name, types) in [("a", ["1", "2", "MT"]), ("b", ["protein_coding", "lncRNA", "snRNA"])] {
      let path = try folder.hdf5("\(name).h5") { root in
        let matrix = try root.create("matrix", encoding: "")
        try matrix.write(Buffer<Float>([1, 2, 3]), "data")
        try matrix.write(Buffer([0, 1, 2]), "indices")
        try matrix.write(Buffer([0, 3]), "indptr")
        try matrix.write(Buffer([3, 1]), "shape")
        try matrix.write(["x"], "barcodes")
        let features = try matrix.create("features", encoding: "")
        try features.write(["E1", "E2", "E3"], "id")
        try features.write(["A", "", "C"], "name")
        try features.write(types, "feature_type")
      }
      let data = try DataFormats.read(path: path, options: said.options())
      #expect(data.var.index == ["A", "E2", "C"] && data.modalities.isEmpty)
      #expect(data.var["annotation"]?.classes?.names.count == 3)
    }
    #expect(said.all.count == 4 && said.all[1].contains("('1', '2', 'MT')"), "\(said.all)")
  }
}
