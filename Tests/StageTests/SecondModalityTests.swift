import CellData
import Foundation
import Tensors
import Testing

/// What becomes of a second modality's own columns and name, of modalities beside it, and of a file
/// that lies the other way.
@Suite struct SecondModalityTests {
  private let shell: Shell

  init() throws { shell = try Shell() }

  private static let names = PairedCells.proteinNames

  /// The proteins as text, in the columns of the cells or in their rows.
  private func writeProteins(inRows: Bool, to name: String) throws {
    let cells = SimulatedCells.barcodes
    let lines =
      inRows
      ? [""]
        + Self.names.indices.map { j in
          Self.names[j] + "," + PairedCells.proteins.map { "\(Int($0[j]))" }.joined(separator: ",")
        }
      : [""]
        + cells.indices.map { i in
          cells[i] + "," + PairedCells.proteins[i].map { "\(Int($0))" }.joined(separator: ",")
        }
    let header = "," + (inRows ? cells : Self.names).joined(separator: ",")
    try shell.write(([header] + lines.dropFirst()).joined(separator: "\n") + "\n", to: name)
  }

  private func secondCounts(_ name: String) throws -> Matrix<Float>? {
    try shell.object(name).secondModality?.data.layers["counts"]?.dense()
  }

  @Test("the user's columns of a second modality are renamed, and that is said once")
  func columns() throws {
    let three = Column.integer(Buffer(repeating: 3, count: SimulatedCells.cells))
    try shell.writeInput { data in
      var modality = PairedCells.modality()
      for name in ["n_features", "n_counts", "size_factors"] { modality.data.obs[name] = three }
      modality.data.var["mean"] = .integer(Buffer(repeating: 6, count: 12))
      data.modalities = [modality]
    }
    let made = try shell.run("sc-preprocess in.st -o a.st")
    #expect(made.status == 0 && made.errors.contains("obs/n_counts (now n_counts_input)"))
    let second = try #require(try shell.object("a.st").secondModality?.data)
    for name in ["n_features", "n_counts", "size_factors"] {
      #expect(second.obs["\(name)_input"] == three && second.obs[name] != three)
    }
    #expect(second.var["mean_input"] != nil && second.var["mean"] != nil)
    let again = try shell.run("sc-preprocess a.st -o b.st")
    #expect(again.status == 0 && !again.errors.contains("renamed"))
    #expect(try shell.object("b.st").secondModality?.data.obs["n_counts_input"] == three)
  }

  @Test("all modalities that are not used are named, and where an .h5ad file has them")
  func unused() throws {
    try shell.writeInput { data in
      data.modalities = [
        PairedCells.modality("adt"), PairedCells.modality("crispr"), PairedCells.modality("tags"),
      ]
    }
    let made = try shell.run("sc-preprocess in.st -o a.h5ad")
    #expect(made.errors.contains("copied but not used: 'crispr', 'tags'; AnnData has no place"))
    #expect(made.errors.contains("--second-modality crispr puts that one beside the RNA"))
    #expect(try shell.run("sc-preprocess a.h5ad -q -o b.st").status == 0)
    #expect(try shell.object("b.st").modalities.map(\.name) == ["adt", "crispr", "tags"])
    let stream = try shell.run("sc-preprocess in.st -o a.st")
    #expect(stream.errors.contains("not used: 'crispr', 'tags'; --second-modality crispr puts"))
  }

  @Test(
    "names that no file can hold, or that mean the RNA, are refused",
    arguments: [
      "a/b", "../x", ".", "''", "rna", "GEX", "main",
    ])
  func refusedNames(name: String) throws {
    try shell.writeInput()
    try writeProteins(inRows: false, to: "p.csv")
    let made = try shell.run(
      "sc-preprocess in.st --second p.csv --second-modality \(name) -o a.h5mu")
    #expect(made.status == 64 && made.errors.contains("give another name"), "\(made.errors)")
    #expect(!shell.exists("a.h5mu"))
  }

  @Test("what proteins are called does not change how they are prepared")
  func kind() throws {
    try shell.writeInput()
    try writeProteins(inRows: false, to: "p.csv")
    let made = try shell.run("sc-preprocess in.st --second p.csv --second-modality foo -o a.st")
    #expect(made.errors.contains("12 of 12 proteins (foo, clr)"), "\(made.errors)")
  }

  @Test("a modality of the RNA's name stays the second one through .h5mu and .h5ad")
  func rnaAsSecond() throws {
    try shell.writeInput { $0.modalities = [PairedCells.modality("rna")] }
    for format in ["h5mu", "h5ad"] {
      let made = try shell.run(
        "sc-preprocess in.st --second-modality rna -q -o a.\(format) && sc-preprocess a.\(format) --second-modality rna -o b.st"
      )
      #expect(made.status == 0, "\(made.errors)")
      #expect(try shell.object("b.st").var.index == SimulatedCells.geneNames)
    }
  }

  @Test("a name with a slash is the second modality's still, once it is in HDF5")
  func slash() throws {
    try shell.writeInput {
      $0.modalities = [PairedCells.modality("a/b"), PairedCells.modality("a_b")]
    }
    for format in ["h5mu", "h5ad"] {
      let made = try shell.run(
        "sc-preprocess in.st --second-modality a/b -q -o a.\(format) && sc-knn a.\(format) -o b.st")
      #expect(made.status == 0 && made.errors.contains("'a_b' with weight"), "\(made.errors)")
    }
  }

  @Test("cells in the columns are known without the ending of their barcodes")
  func endings() throws {
    try shell.writeInput { $0.obs.index = $0.obs.index.map { $0 + "-1" } }
    try writeProteins(inRows: true, to: "p.csv")
    let made = try shell.run("sc-preprocess in.st --second p.csv -o a.st")
    #expect(made.status == 65 && !shell.exists("a.st"))
    #expect(
      made.errors.contains("'cell-0-1' there, 'cell-0' here; they differ in their endings"),
      "\(made.errors)")
  }

  @Test(
    "the file for --second is turned by the names of the cells; the options turn the input alone")
  func turned() throws {
    try shell.writeInput()
    let transposed = zip(SimulatedCells.geneNames.indices, SimulatedCells.geneNames).map {
      j, name in name + "," + SimulatedCells.counts.map { "\(Int($0[j]))" }.joined(separator: ",")
    }
    try shell.write(
      (["," + SimulatedCells.barcodes.joined(separator: ",")] + transposed).joined(separator: "\n")
        + "\n", to: "t.csv")
    for inRows in [false, true] {
      try writeProteins(inRows: inRows, to: "p.csv")
      for input in ["in.st", "t.csv --transpose", "t.csv --orientation genes"] {
        let made = try shell.run("sc-preprocess \(input) --second p.csv -o a.st")
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.errors.contains("p.csv: its matrix is transposed") == inRows)
        #expect(try secondCounts("a.st") == Matrix(PairedCells.proteins))
        #expect(try shell.object("a.st").cellCount == SimulatedCells.cells)
      }
    }
  }

  @Test("a file for --second keeps its raw, with the counts there, and its graphs")
  func rawAndGraphs() throws {
    try shell.writeInput()
    let order = Array((0..<SimulatedCells.cells).reversed())
    var file = PairedCells.modality(order: order).data
    if let counts = file.x { file.raw = RawValues(x: counts, var: file.var) }
    file.x = .dense(Matrix(order.map { PairedCells.proteins[$0].map { $0 / 7 - 2.3 } }))
    var graph = Matrix<Float>.zeros(SimulatedCells.cells, SimulatedCells.cells)
    graph[0, 3] = 0.5
    file.obsp["mine"] = SparseMatrix(graph)
    try shell.write(file, to: "p.st")
    let made = try shell.run("sc-preprocess in.st --second p.st -o a.st")
    #expect(made.errors.contains("adt: X holds no counts; they are taken from raw"))
    let second = try #require(try shell.object("a.st").secondModality?.data)
    #expect(second.layers["counts"]?.dense() == Matrix(PairedCells.proteins))
    #expect(second.raw?.x.dense() == Matrix(PairedCells.proteins))
    #expect(second.obsp["mine"]?.densified()[119, 116] == 0.5)
  }

  @Test("the line on an .h5ad file names where the values are")
  func nameInObsm() throws {
    try shell.writeInput { data in
      data.modalities = [PairedCells.modality("adt")]
      data.obsm["adt"] = .zeros(SimulatedCells.cells, 2)
    }
    let made = try shell.run("sc-preprocess in.st -o a.h5ad")
    #expect(made.errors.contains("the values of 'adt' are in obsm/adt_;"), "\(made.errors)")
  }
}
