import CellData
import Foundation
import Tensors
import TestSupport
import Testing

/// sc-preprocess, run as a program.
@Suite struct PreprocessTests {
  private let shell: Shell

  init() throws { shell = try Shell() }

  private func counts(_ name: String) throws -> [[Float]] {
    let matrix = try #require(try shell.object(name).layers["counts"]).dense()
    return (0..<matrix.rows).map { i in (0..<matrix.columns).map { matrix[i, $0] } }
  }

  @Test("writes what the next stages rely on")
  func result() throws {
    try shell.writeInput { $0.obsm["X_other"] = Matrix(repeating: 2, rows: 120, columns: 3) }
    let outcome = try shell.run("sc-preprocess in.st -o out.st --min-cells-fraction 0")
    #expect(outcome.errors == "sc-preprocess: kept 120 of 120 cells and 200 of 200 genes\n")
    let cells = try shell.object("out.st")
    let x = try #require(cells.x).dense()
    let totals = SimulatedCells.counts.map { $0.reduce(0, +) }
    let median = (totals.sorted()[59] + totals.sorted()[60]) / 2
    assertClose(
      try #require(cells.obs["size_factors"]?.numbers), totals.map { $0 / median }, tolerance: 1e-6)
    assertClose(try #require(cells.obs["n_counts"]?.numbers), totals, tolerance: 1e-6)
    let expected = zip(SimulatedCells.counts, totals).flatMap { row, total in
      row.map { log(1 + Double($0) / Double(total / median)) }
    }
    assertClose(x.elements, expected, tolerance: 1e-5)
    #expect(try counts("out.st") == SimulatedCells.counts)
    let mean = try #require(cells.var["mean"]?.numbers)
    let firstGene = (0..<120).map { Double(x[$0, 0]) }
    assertClose([mean[0]], [firstGene.reduce(0, +) / 120], tolerance: 1e-5)
    #expect(cells.var["std"] != nil)
    #expect(cells.obs["type"] != nil && cells.obsm["X_other"]?.columns == 3)
    #expect(cells.history.map(\.tool) == ["sc-preprocess"])
    #expect(cells.history[0].settings["min_cells_fraction"] == "0")
    #expect(cells.history[0].inputCRC.count == 8)
  }

  @Test(
    "arrays in files of TMPDIR give the same bytes, and so does memory where there is no folder")
  func spooled() throws {
    try shell.writeInput()
    try shell.run("sc-preprocess -q in.st -o in.h5ad")
    for name in ["a.st", "a.h5ad"] {
      let command = "sc-preprocess -q in.h5ad -o \(name)"
      #expect(try shell.run(command, environment: ["SC_SPOOL_FROM": "1000000000"]).status == 0)
      let expected = try shell.data(name)
      for environment in [["SC_SPOOL_FROM": "1"], ["SC_SPOOL_FROM": "1", "TMPDIR": "/nowhere"]] {
        let outcome = try shell.run(command, environment: environment)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try shell.data(name) == expected)
      }
    }
  }

  @Test("a size of arrays in files that is none is refused", arguments: ["abc", "0", "-5", "1K"])
  func spoolSizes(text: String) throws {
    try shell.writeInput()
    let outcome = try shell.run("sc-preprocess in.st", environment: ["SC_SPOOL_FROM": text])
    #expect(outcome.status == 64 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("SC_SPOOL_FROM '\(text)': must be a number of bytes above 0"))
  }

  @Test("filters cells and genes, says why, and cuts everything to fit")
  func filters() throws {
    try shell.writeInput { cells in
      var rows = SimulatedCells.counts
      rows[3] = rows[3].map { _ in 0 }
      for i in rows.indices { rows[i][7] = 0 }
      cells.x = .dense(Matrix(rows))
      cells.obsm["X_row"] = Matrix((0..<120).map { [Float($0)] })
    }
    let outcome = try shell.run("sc-preprocess in.st -o out.st --genes 50 --no-scale")
    #expect(outcome.errors.contains("kept 119 of 120 cells (dropped: 1 without counts)"))
    #expect(outcome.errors.contains("50 of 200 genes (dropped: 1 without counts, "))
    let cells = try shell.object("out.st")
    #expect(cells.cellCount == 119 && cells.geneCount == 50)
    #expect(cells.obs.index[3] == "cell-4" && cells.obsm["X_row"]?[3, 0] == 4)
    #expect(cells.var["mean"] == nil && cells.var["std"] == nil)
    #expect(try shell.run("sc-preprocess in.st --min-counts 1e9 -o none.st").status == 65)
    #expect(!shell.exists("none.st"))
  }

  @Test("draws the same cells for the same seed, others for another")
  func subsample() throws {
    try shell.writeInput()
    for (name, seed) in [("a.st", 1), ("b.st", 1), ("c.st", 2)] {
      #expect(
        try shell.run("sc-preprocess -q in.st --subsample 40 --seed \(seed) -o \(name)").status == 0
      )
    }
    #expect(try shell.object("a.st").cellCount == 40)
    #expect(try shell.data("a.st") == shell.data("b.st"))
    #expect(try shell.object("a.st").obs.index != shell.object("c.st").obs.index)
  }

  @Test("log-normalized values, in X or raw, become counts again")
  func recovery() throws {
    let logs = SimulatedCells.counts.map { row in
      let total = row.reduce(0, +)
      return row.map { Float(log1p(Double($0) / Double(total) * 1e4)) }
    }
    try shell.writeInput { $0.x = .dense(Matrix(logs)) }
    let fromX = try shell.run("sc-preprocess in.st -o x.st --min-cells-fraction 0")
    #expect(
      fromX.status == 0 && fromX.errors.contains("X: the values are log1p"), "\(fromX.errors)")
    #expect(try counts("x.st") == SimulatedCells.counts)

    try shell.writeInput { cells in
      let scaled = Matrix(repeating: Float(-0.5), rows: 120, columns: 2)
      let few = Frame(index: ["Gene1", "Gene5"])
      let whole = RawValues(x: .dense(Matrix(logs)), var: cells.var)
      cells = CellData(obs: cells.obs, var: few, x: .dense(scaled))
      cells.raw = whole
    }
    let fromRaw = try shell.run("sc-preprocess in.st -o raw.st --min-cells-fraction 0")
    #expect(
      fromRaw.status == 0 && fromRaw.errors.contains("raw: the values are log1p"),
      "\(fromRaw.errors)")
    #expect(try counts("raw.st") == SimulatedCells.counts)
    #expect(try shell.object("raw.st").var.index == SimulatedCells.geneNames)
  }

  @Test("counts come from layers/counts before X, and from raw where X has none")
  func countSources() throws {
    let halves = SimulatedCells.counts.map { $0.map { $0 * 0.37 } }
    try shell.writeInput { cells in
      cells.x = .dense(Matrix(halves))
      cells.layers["counts"] = .dense(Matrix(SimulatedCells.counts))
    }
    #expect(try shell.run("sc-preprocess -q in.st -o layer.st --min-cells-fraction 0").status == 0)
    #expect(try counts("layer.st") == SimulatedCells.counts)
    try shell.writeInput { cells in
      cells.x = .dense(Matrix(halves))
      cells.raw = RawValues(x: .dense(Matrix(SimulatedCells.counts)), var: cells.var)
    }
    let outcome = try shell.run("sc-preprocess in.st -o raw.st --min-cells-fraction 0")
    #expect(outcome.errors.contains("X holds no counts; they are taken from raw"))
    #expect(try counts("raw.st") == SimulatedCells.counts)
  }

  @Test("labels: a column that is there, or a file; anything else is reported")
  func labels() throws {
    try shell.writeInput()
    #expect(try shell.run("sc-preprocess -q in.st --labels type -o out.st").status == 0)
    let unknown = try shell.run("sc-preprocess in.st --labels nosuch")
    #expect(unknown.status == 65)
    #expect(unknown.errors.contains("in.st: --labels nosuch") && unknown.errors.contains("'type'"))

    try shell.write(
      "barcode\tlabel\r\ncell-1\tone\r\ncell-0\tzero\r\ncell-2\t\"one\"\r\n", to: "l.tsv")
    let some = try shell.run("sc-preprocess in.st --labels l.tsv -o out.st")
    #expect(some.errors.contains("117 of 120 cells have no label in l.tsv"))
    let column = try #require(try shell.object("out.st").obs["label"]?.classes)
    #expect(column.names == ["one", "zero"] && Array(column.codes.prefix(4)) == [1, 0, 0, -1])

    for (text, complaint) in [
      ("cell-0,b,c\n", "l.csv: has 2 columns beside the barcodes"),
      ("x,1\ny,2\n", "l.csv: contains none of the 120 cell names"),
      ("cell-0,a\ncell-0,b\n", "l.csv: line 2: 'cell-0' is labeled"),
    ] {
      try shell.write(text, to: "l.csv")
      let outcome = try shell.run("sc-preprocess in.st --labels l.csv -o no.st")
      #expect(outcome.status == 65 && outcome.errors.contains(complaint), "\(outcome.errors)")
    }
    #expect(!shell.exists("no.st"))
  }

  @Test("labels change nothing but their own column")
  func labelsDoNotLeak() throws {
    try shell.writeInput()
    try shell.write(SimulatedCells.barcodes.map { "\($0),\($0.count % 2)\n" }.joined(), to: "l.csv")
    for (name, option) in [("with.st", "--labels l.csv"), ("without.st", "")] {
      #expect(try shell.run("sc-preprocess -q in.st \(option) | sc-knn -q -o \(name)").status == 0)
    }
    var with = try shell.object("with.st")
    let without = try shell.object("without.st")
    with.obs["label"] = nil
    #expect(with.x == without.x && with.obs == without.obs && with.var == without.var)
    #expect(with.obsm == without.obsm && with.obsp == without.obsp)
  }

  @Test("counts per million that were rounded are no counts, which a line says")
  func roundedShares() throws {
    try shell.writeInput { cells in
      cells.x = .sparse(
        SparseMatrix(
          Matrix(
            SimulatedCells.counts.map { row in
              let sum = row.reduce(0, +)
              return row.map { ($0 / sum * 1_000_000).rounded() }
            })))
    }
    let made = try shell.run("sc-preprocess in.st -o out.st")
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.errors.contains("the counts of all cells add up to about 1000000"))
    try shell.writeInput()
    #expect(try !shell.run("sc-preprocess in.st -o out.st").errors.contains("add up to"))
  }

  @Test("batches rank the genes; cells without one have no say in it")
  func batches() throws {
    try shell.writeInput { cells in
      cells.obs["batch"] = .integer(Buffer((0..<120).map { $0 / 60 }))
      cells.obs["holes"] = .categorical(
        Categories(codes: Buffer((0..<120).map { $0 == 9 ? -1 : 0 }), names: ["a"]))
      cells.obs["none"] = .float64(Buffer((0..<120).map { _ in Double.nan }))
      cells.obs["days"] = .float64(Buffer((0..<120).map { $0 == 9 ? .nan : Double($0 / 60) }))
      cells.obs["real"] = .float64(Buffer((0..<120).map { Double($0) + 0.5 }))
      cells.obs["each"] = .strings((0..<120).map { "c\($0)" })
      cells.obs["small"] = .strings((0..<120).map { $0 < 5 ? "few" : "many" })
    }
    let small = try shell.run("sc-preprocess in.st --batch-key small --genes 50 -o small.st")
    #expect(
      small.errors.contains(
        "genes are not ranked within the batches of obs/small with fewer than 10 cells: 'few'"),
      "\(small.errors)")
    #expect(try shell.object("small.st").cellCount == 120)
    #expect(
      try shell.run("sc-preprocess -q in.st --batch-key batch --genes 50 -o out.st").status == 0)
    #expect(try shell.object("out.st").geneCount == 50)
    for key in ["holes", "days"] {
      let outcome = try shell.run("sc-preprocess in.st --batch-key \(key) --genes 50 -o holes.st")
      #expect(
        outcome.errors.contains("1 of 120 cells have no batch in obs/\(key)"), "\(outcome.errors)")
      #expect(try shell.object("holes.st").cellCount == 120)
    }
    let assessed = try shell.run("sc-preprocess in.st --batch-key holes --mad 3 -o mad.st")
    #expect(
      assessed.errors.contains("; --mad assesses them as a batch of their own"),
      "\(assessed.errors)")
    for (key, complaint) in [
      ("none", "obs/none: no cell has a batch"), ("real", "holds numbers that are not whole"),
      ("each", "--batch-key: obs/each has 120 batches for 120 cells, more than one for 10 cells"),
      ("nosuch", "there is no column 'nosuch'"),
    ] {
      let outcome = try shell.run("sc-preprocess in.st --batch-key \(key)")
      #expect(outcome.status == 65 && outcome.errors.contains(complaint), "\(outcome.errors)")
    }
  }
}
