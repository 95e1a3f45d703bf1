import CellData
import Foundation
import Tensors
import TestSupport
import Testing

/// What sc-preprocess says of the quality of the cells.
@Suite struct QualityTests {
  private let shell: Shell

  init() throws { shell = try Shell() }

  /// Cells with two mitochondrial genes and one of a ribosomal protein, the last gene in one cell
  /// alone.
  private func write(_ change: (inout CellData) -> Void = { _ in }) throws -> [[Float]] {
    var counts = SimulatedCells.counts
    for i in counts.indices { counts[i][199] = i == 9 ? 3 : 0 }
    // A cell with many counts, and one with many of mitochondrial genes.
    counts[4] = counts[4].map { 40 * $0 }
    counts[5][180] = 400
    try shell.writeInput { cells in
      cells.x = .sparse(SparseMatrix(Matrix(counts)))
      var names = SimulatedCells.geneNames
      // All types have these alike.
      (names[180], names[181], names[182]) = ("MT-CO1", "MT-ND1", "RPS27")
      cells.var = Frame(index: names)
      change(&cells)
    }
    return counts
  }

  @Test("sums and shares are of all genes, before any is dropped")
  func columns() throws {
    let counts = try write()
    let made = try shell.run("sc-preprocess in.st --genes 30 -o out.st")
    #expect(made.status == 0, "\(made.errors)")
    let cells = try shell.object("out.st")
    let totals = counts.map { $0.reduce(0, +) }
    func numbers(_ name: String) throws -> [Double] { try #require(cells.obs[name]?.numbers) }
    #expect(try numbers("n_counts") == totals.map(Double.init))
    #expect(try numbers("n_genes") == counts.map { row in Double(row.count { $0 > 0 }) })
    assertClose(
      try numbers("pct_counts_mt"),
      zip(counts, totals).map { 100 * Double($0[180] + $0[181]) / Double($1) }, tolerance: 1e-6)
    assertClose(
      try numbers("pct_counts_ribo"),
      zip(counts, totals).map { 100 * Double($0[182]) / Double($1) },
      tolerance: 1e-6)
  }

  @Test("no share of genes that nobody knows, and a column of the user stays")
  func unknownGenes() throws {
    try shell.writeInput()
    #expect(try shell.run("sc-preprocess -q in.st -o out.st").status == 0)
    #expect(try shell.object("out.st").obs["pct_counts_mt"] == nil)
    let mine = Column.float64(Buffer((0..<120).map { Double($0) }))
    _ = try write { $0.obs["pct_counts_mt"] = mine }
    let made = try shell.run("sc-preprocess in.st -o mine.st")
    #expect(made.errors.contains("obs/pct_counts_mt (ours: obs/pct_counts_mt_sc)"))
    #expect(try shell.object("mine.st").obs["pct_counts_mt"] == mine)
  }

  @Test("cells far from the medians go, and the summary says why")
  func deviations() throws {
    _ = try write()
    let made = try shell.run("sc-preprocess in.st --mad 8 -o out.st")
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.errors.contains("1 with counts far from the median"), "\(made.errors)")
    #expect(
      made.errors.contains("1 with a mitochondrial share far above the median"), "\(made.errors)")
    let cells = try shell.object("out.st")
    #expect(cells.cellCount == 118)
    #expect(!cells.obs.index.contains("cell-4") && !cells.obs.index.contains("cell-5"))
    #expect(cells.history[0].settings["mad"] == "8")
    let many = try shell.run("sc-preprocess in.st --mad 900 -o many.st")
    #expect(many.errors.contains("--mad 900.0 drops no cell"), "\(many.errors)")
  }

  @Test("a figure of the cells before and after the filters")
  func figure() throws {
    _ = try write()
    let made = try shell.run(
      """
      sc-preprocess -q in.st --mad 8 -o a.st && sc-preprocess -q in.st --mad 8 --qc q.png -o b.st &&
      sc-preprocess -q in.st --mad 8 --qc q.svg -o - > /dev/null &&
      sc-preprocess -q in.st --mad 8 --qc q.html -t 2 -o c.st && sc-preprocess -q in.st --qc r.html -o d.st
      """)
    #expect(made.status == 0, "\(made.errors)")
    let a = try shell.data("a.st")
    #expect(try a == shell.data("b.st") && a == shell.data("c.st"))
    #expect(try shell.data("q.png").starts(with: [0x89, 0x50, 0x4E, 0x47]))
    #expect(String(decoding: try shell.data("q.svg"), as: UTF8.self).contains("<svg"))
    let page = String(decoding: try shell.data("q.html"), as: UTF8.self)
    for text in [
      "kept 118 of 120 cells", "with counts far from the median", "counts of a cell (median)",
      "% on ribosomal proteins", "data:image/png;base64,",
      // Medians of 120 cells: between 435 and 436 counts, and 126 and 129 genes.
      "435.5", "127.5",
    ] { #expect(page.contains(text), "\(text)") }
  }

  @Test(
    "bad input ends with one line and no file",
    arguments: [
      ("--mad 0", 64, "--mad 0"), ("--mad -1", 64, "--mad"), ("--mad nan", 64, "--mad nan"),
      ("--qc q.txt", 64, "--qc q.txt: name a file that ends in .png, .svg, .pdf or .html."),
      ("--qc out.st", 64, "--qc"), ("--qc none/q.png", 73, "q.png"),
      ("--mad 3 --batch-key nothing", 65, "there is no column 'nothing' (--batch-key)"),
      ("--mad 3 --min-counts 1e9", 65, "no cells are left"),
    ])
  func badInput(_ options: String, _ status: Int32, _ words: String) throws {
    _ = try write()
    let made = try shell.run("sc-preprocess in.st \(options) -o out.st")
    #expect(made.status == status && made.errors.contains(words), "\(made.errors)")
    #expect(!shell.exists("out.st") && !shell.exists("q.png"))
  }
}
