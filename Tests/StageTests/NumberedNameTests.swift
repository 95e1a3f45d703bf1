import CellData
import DataFormats
import Foundation
import Tensors
import Testing

/// Cells and genes whose index has only the numbers of the rows, as pandas' reset_index leaves it.
@Suite struct NumberedNameTests {
  private let shell: Shell

  init() throws { shell = try Shell() }

  /// Some of the simulated cells, with genes in the order given, both without names in the index.
  private func cells(_ rows: Range<Int>, genes: [Int]) -> CellData {
    var cells = CellData(
      obs: Frame(index: (0..<rows.count).map { "\($0)" }),
      var: Frame(index: genes.indices.map { "\($0)" }),
      x: .sparse(
        SparseMatrix(Matrix(rows.map { i in genes.map { SimulatedCells.counts[i][$0] } }))))
    cells.obs["kind"] = .strings(rows.map { SimulatedCells.typeNames[$0 % 3] })
    return cells
  }

  private func write(_ cells: CellData, _ name: String) throws {
    try DataFormats.writeAnnData(cells, toPath: shell.url(name).path)
  }

  private let forward = Array(0..<200)
  private let backward = Array((0..<200).reversed())

  @Test("samples are joined by the names in var, not by numbers of rows")
  func namedByColumn() throws {
    for (name, rows, genes) in [("a", 0..<60, forward), ("b", 60..<120, backward)] {
      var sample = cells(rows, genes: genes)
      sample.var["feature_name"] = .strings(genes.map { SimulatedCells.geneNames[$0] })
      sample.obs["barcode"] = .strings(rows.map { SimulatedCells.barcodes[$0] })
      try write(sample, "\(name).h5ad")
    }
    let made = try shell.run(
      "sc-preprocess a.h5ad b.h5ad --genes 300 --min-cells-fraction 0 -o out.st")
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.errors.contains("genes are called as in var/feature_name"), "\(made.errors)")
    #expect(made.errors.contains("cells are called as in obs/barcode"), "\(made.errors)")
    let joined = try shell.object("out.st")
    #expect(joined.var.index == SimulatedCells.geneNames)
    #expect(joined.obs.index == SimulatedCells.barcodes)
    #expect(joined.layers["counts"]?.dense() == Matrix(SimulatedCells.counts))
  }

  @Test("without names the numbers stay, but join nothing")
  func unnamed() throws {
    try write(cells(0..<60, genes: forward), "a.h5ad")
    try write(cells(60..<120, genes: backward), "b.h5ad")
    var second = cells(0..<60, genes: forward)
    second.var.index = SimulatedCells.geneNames
    try write(second, "c.h5ad")
    let alone = try shell.run("sc-preprocess a.h5ad -o one.st")
    #expect(alone.status == 0, "\(alone.errors)")
    #expect(
      alone.errors.contains("var: the genes have only the numbers of rows as names: 0, 1, 2, …"),
      "\(alone.errors)")
    for (command, message) in [
      ("sc-preprocess a.h5ad b.h5ad", "the genes have only numbers of rows as names"),
      (
        "sc-preprocess a.h5ad --second c.h5ad",
        "the cells here and those of the RNA have only the numbers of rows as names"
      ),
    ] {
      let made = try shell.run("\(command) -o out.st")
      #expect(made.status == 65 && !shell.exists("out.st"), "\(made.errors)")
      #expect(made.errors.contains(message), "\(made.errors)")
    }
  }

  @Test("identifiers that contradict the names of most genes are a reason to refuse")
  func contradicted() throws {
    for (name, genes) in [("a", forward), ("b", backward)] {
      var sample = cells(0..<60, genes: genes)
      // Names by place, as in the first file, beside identifiers of other genes.
      sample.var = Frame(index: SimulatedCells.geneNames)
      sample.var["probe"] = .strings(genes.map { "probe-\($0)" })
      try write(sample, "\(name).h5ad")
    }
    let made = try shell.run("sc-preprocess a.h5ad b.h5ad -o out.st")
    #expect(made.status == 65 && !shell.exists("out.st"), "\(made.errors)")
    #expect(made.errors.contains("var/probe has other values for most of them"), "\(made.errors)")
  }

  @Test("new cells are not mapped by numbers of rows")
  func mapped() throws {
    try write(cells(0..<120, genes: forward), "a.h5ad")
    let made = try shell.run(
      """
      sc-preprocess -q a.h5ad | sc-knn -q --components 8 | sc-cluster -q -c 3 -o ref.st &&
      sc-cluster a.h5ad --reference ref.st -o out.st
      """)
    #expect(made.status == 65 && !shell.exists("out.st"), "\(made.errors)")
    #expect(made.errors.contains("have only numbers of rows as names"), "\(made.errors)")
  }
}
