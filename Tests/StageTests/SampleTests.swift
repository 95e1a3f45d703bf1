import CellData
import Foundation
import Tensors
import Testing

/// sc-preprocess with several inputs, run as a program.
@Suite struct SampleTests {
  private let shell: Shell

  init() throws { shell = try Shell() }

  /// Some of the simulated cells with some of their genes, in the order given.
  private func write(
    _ name: String, cells rows: [Int], genes: [Int], _ change: (inout CellData) -> Void = { _ in }
  ) throws {
    var cells = CellData(
      obs: Frame(index: rows.map { SimulatedCells.barcodes[$0] }),
      var: Frame(index: genes.map { SimulatedCells.geneNames[$0] }),
      x: .sparse(
        SparseMatrix(Matrix(rows.map { i in genes.map { SimulatedCells.counts[i][$0] } }))))
    cells.obs["type"] = .strings(rows.map { SimulatedCells.typeNames[$0 % 3] })
    change(&cells)
    try shell.write(cells, to: name)
  }

  private func writeTwo() throws {
    try write("a.st", cells: Array(0..<50), genes: Array(0..<150))
    try write("b.st", cells: Array(40..<120), genes: Array((20..<200).reversed()))
  }

  /// The counts of a cell in the output, by the names of genes.
  private func counts(_ cells: CellData, of row: Int) throws -> [String: Float] {
    let dense = try #require(cells.layers["counts"]).dense()
    return Dictionary(
      uniqueKeysWithValues: cells.var.index.indices.map {
        (cells.var.index[$0], dense[row, $0])
      })
  }

  @Test("genes are matched by name: those of all, or of any", arguments: ["inner", "outer"])
  func joined(_ join: String) throws {
    try writeTwo()
    let made = try shell.run(
      "sc-preprocess a.st late=b.st --join \(join) --genes 300 --min-cells-fraction 0 -o out.st")
    #expect(made.status == 0, "\(made.errors)")
    let cells = try shell.object("out.st")
    #expect(cells.geneCount == (join == "inner" ? 130 : 200) && cells.cellCount == 130)
    let samples = try #require(cells.obs["sample"]?.classes)
    #expect(samples.names == ["a", "late"])
    #expect(samples.codes.map { Int($0) } == (0..<130).map { $0 < 50 ? 0 : 1 })
    // Ten cells are in both files: all get their sample's name.
    #expect(cells.obs.index[0] == "cell-0-a" && cells.obs.index[50] == "cell-40-late")
    #expect(cells.obs["type"]?.classes?.names == SimulatedCells.typeNames)
    for (row, original) in [(0, 0), (49, 49), (50, 40), (129, 119)] {
      let found = try counts(cells, of: row)
      let own = row < 50 ? 0..<150 : 20..<200
      for (name, value) in found {
        let gene = try #require(SimulatedCells.geneNames.firstIndex(of: name))
        #expect(
          value == (own.contains(gene) ? SimulatedCells.counts[original][gene] : 0), "\(name)")
      }
    }
    #expect(cells.history[0].settings["samples"] == #"["a","late"]"#)
    #expect(cells.history[0].settings["batch_key"] == "\"sample\"")
  }

  @Test("genes are ranked, and cells assessed, within samples unless another column is named")
  func batches() throws {
    try writeTwo()
    let made = try shell.run(
      """
      sc-preprocess -q a.st b.st --genes 40 --mad 3 -o default.st &&
      sc-preprocess -q a.st b.st --genes 40 --mad 3 --batch-key sample -o named.st &&
      sc-preprocess -q a.st b.st --genes 40 --mad 3 --batch-key type -o other.st &&
      sc-preprocess -q -t 3 a.st b.st --genes 40 --mad 3 -o threads.st
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(try shell.data("default.st") == shell.data("named.st"))
    #expect(try shell.data("default.st") == shell.data("threads.st"))
    #expect(
      try shell.object("default.st").var.index != shell.object("other.st").var.index)
  }

  @Test("a table names samples, files and columns")
  func table() throws {
    try FileManager.default.createDirectory(
      at: shell.url("runs"), withIntermediateDirectories: false)
    try write("runs/one.st", cells: Array(0..<40), genes: Array(0..<200))
    try write("runs/two.st", cells: Array(40..<120), genes: Array(0..<200))
    try shell.write(
      "sample\tfile\tdonor\tage\tdose\n1\tone.st\td1\t31\t0.5\n2\ttwo.st\td2\t40\tNA\n",
      to: "runs/samples.tsv")
    let made = try shell.run("sc-preprocess --samples runs/samples.tsv -o out.st")
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.errors.contains("joined 120 cells (40 of '1', 80 of '2') by 200 genes"))
    let cells = try shell.object("out.st")
    // No two cells have one name: they keep theirs.
    #expect(cells.obs.index == SimulatedCells.barcodes)
    #expect(cells.obs["donor"]?.classes?.names == ["d1", "d2"])
    guard case .integer(let ages) = cells.obs["age"] else {
      Issue.record("no ages")
      return
    }
    #expect(ages[39] == 31 && ages[40] == 40)
    let doses = try #require(cells.obs["dose"]?.numbers)
    #expect(doses[0] == 0.5 && doses[119].isNaN)
  }

  @Test("names that look like numbers stay names; what cells are called already stays theirs")
  func namesInTables() throws {
    try writeTwo()
    try shell.write(
      "sample,file,donor,lot,code,pH,visit\nx,a.st,007,1e3,1.1,7.25,-1\ny,b.st,7,0x10,1.10,7.5,2\n",
      to: "t.csv")
    let made = try shell.run("sc-preprocess --samples t.csv -o out.st")
    #expect(made.status == 0, "\(made.errors)")
    let cells = try shell.object("out.st")
    for (name, texts) in [
      ("donor", ["007", "7"]), ("lot", ["1e3", "0x10"]), ("code", ["1.1", "1.10"]),
    ] {
      guard case .categorical(let values) = cells.obs[name] else {
        Issue.record("\(name) holds no names")
        continue
      }
      #expect(Set(values.names) == Set(texts), "\(name)")
    }
    #expect(cells.obs["pH"]?.numbers?.first == 7.25 && cells.obs["visit"]?.numbers?.first == -1)
    try shell.write("sample,file,type\nx,a.st,blood\ny,b.st,lung\n", to: "u.csv")
    try shell.expectBadData(
      "sc-preprocess --samples u.csv -o no.st",
      "u.csv: the column 'type' has other values than obs/type of the cells")
    #expect(!shell.exists("no.st"))
    // A table that says what the files say adds nothing.
    try write("c.st", cells: Array(0..<60), genes: Array(0..<200)) {
      $0.obs["type"] = .strings((0..<60).map { _ in "blood" })
    }
    try shell.write("sample,file,type\nx,c.st,blood\n", to: "v.csv")
    let same = try shell.run("sc-preprocess --samples v.csv -o same.st")
    #expect(same.status == 0, "\(same.errors)")
    #expect(try shell.object("same.st").obs["type"]?.classes?.names == ["blood"])
  }

  @Test("genes of one symbol are matched by their identifiers", arguments: ["inner", "outer"])
  func repeatedSymbols(join: String) throws {
    let genes = Array(0..<200)
    // The second file has two genes of one symbol in another order.
    let order = [0, 2, 1] + Array(3..<200)
    func name(_ cells: inout CellData, _ order: [Int]) {
      cells.var = Frame(index: order.map { [1, 2].contains($0) ? "TBCE" : "Gene\($0)" })
      cells.var.index[2] = "TBCE-1"
      cells.var["gene_ids"] = .strings(order.map { "ENSG\($0)" })
    }
    try write("a.st", cells: Array(0..<60), genes: genes) { name(&$0, genes) }
    try write("b.st", cells: Array(60..<120), genes: order) { name(&$0, order) }
    let made = try shell.run(
      "sc-preprocess a.st b.st --join \(join) --min-cells-fraction 0 --genes 300 -o out.st")
    #expect(made.status == 0 && !made.errors.contains("gene_ids"), "\(made.errors)")
    let cells = try shell.object("out.st")
    let ids = try #require(cells.var["gene_ids"]?.classes)
    let counts = try #require(cells.layers["counts"]).dense()
    #expect(cells.geneCount == 200)
    for (place, name) in cells.var.index.enumerated() {
      let gene = try #require(Int(ids.names[Int(ids.codes[place])].dropFirst(4)))
      #expect(name == (gene == 1 ? "TBCE" : gene == 2 ? "TBCE-1" : "Gene\(gene)"))
      #expect((0..<120).allSatisfy { counts[$0, place] == SimulatedCells.counts[$0][gene] })
    }
  }

  @Test("what an earlier run computed is computed for all; what differs is left out and named")
  func parts() throws {
    try write("a.st", cells: Array(0..<60), genes: Array(0..<200)) { cells in
      cells.var["kind"] = .strings((0..<200).map { "k\($0 % 3)" })
      cells.var["id"] = .strings((0..<200).map { "a\($0)" })
      cells.obsm["X_own"] = Matrix(repeating: 1, rows: 60, columns: 2)
    }
    try write("b.st", cells: Array(60..<120), genes: Array(0..<200)) { cells in
      cells.var["kind"] = .strings((0..<200).map { "k\($0 % 3)" })
      cells.var["id"] = .strings((0..<200).map { "b\($0)" })
    }
    let made = try shell.run(
      "sc-preprocess -q a.st --genes 300 -o pa.st && sc-preprocess pa.st b.st --genes 300 -o out.st"
    )
    #expect(made.status == 0, "\(made.errors)")
    #expect(
      made.errors.contains(
        "left out because the samples differ in it: obsm/X_own, var/id"),
      "\(made.errors)")
    let cells = try shell.object("out.st")
    #expect(cells.var["kind"] != nil && cells.var["id"] == nil)
    #expect(cells.obs["n_counts_sc"] == nil && cells.obs["size_factors"]?.count == 120)
    let totals = SimulatedCells.counts.map { Double($0.reduce(0, +)) }
    #expect(cells.obs["n_counts"]?.numbers == totals)
  }

  @Test(
    "bad input ends with one line and no file",
    arguments: [
      ("a.st a=b.st", 64, "two inputs are called 'a'; name every sample by itself: NAME=FILE"),
      ("a.st ./a.st", 64, "the input a.st and the input ./a.st are one file; name every file once"),
      ("a.st x=a.st", 64, "the input a.st and the input a.st are one file"),
      ("a.st b.st -o a.st", 64, "the input a.st and -o a.st are one file; name another with -o"),
      ("a.st nothing.h5", 66, "nothing.h5: cannot be opened: No such file"),
      (
        "a.st other.st", 65, "shares no gene with any other sample: genes of 'a' are called 'Gene0'"
      ),
      ("a.st other.st --join outer", 65, "shares no gene with any other sample"),
      ("a.st b.st middle.st low.st", 65, "no gene is in all 4 samples: genes of"),
      ("a.st b.st --join all", 64, "'all' is invalid for '--join"),
      ("a.st --join outer", 64, "--join is for several samples"),
      ("a.st b.st --batch-key lane", 65, "2 samples: there is no column 'lane' (--batch-key)"),
      ("a.st b.st --max-memory 10M", 71, "not enough memory"),
      ("a.st --samples t.csv", 64, "--samples names the files; leave the inputs out"),
      ("--samples t.csv", 66, "nothing.st: cannot be opened"),
      ("--samples twice.csv", 65, "twice.csv: line 3: the sample 'x' appears twice"),
      ("--samples gap.csv", 65, "gap.csv: line 3: the sample or its file is missing"),
      ("--samples empty.csv", 65, "empty.csv: names no samples"),
      (
        "--samples wrong.csv", 65,
        "wrong.csv: there is no column 'file'; there are 'sample', 'path'"
      ),
      (
        "--samples columns.csv", 65,
        "columns.csv: there are two columns 'Sample'; give every column its own name"
      ),
      (
        "--samples break.csv", 65,
        "break.csv: line 2: a quotation mark is not closed in this line; close it; a field must"
      ),
    ])
  func badInput(_ options: String, _ status: Int32, _ words: String) throws {
    try writeTwo()
    try write("other.st", cells: Array(0..<50), genes: Array(0..<150)) { cells in
      cells.var = Frame(index: (0..<150).map { "ENSG\($0)" })
    }
    try write("middle.st", cells: Array(0..<50), genes: Array(60..<100))
    try write("low.st", cells: Array(0..<50), genes: Array(20..<60))
    try shell.write("sample,file\nx,a.st\ny,nothing.st\n", to: "t.csv")
    try shell.write("sample,file\nx,a.st\nx,b.st\n", to: "twice.csv")
    try shell.write("sample,file\nx,a.st\ny,\n", to: "gap.csv")
    try shell.write("sample,file\n", to: "empty.csv")
    try shell.write("sample,path\nx,a.st\n", to: "wrong.csv")
    try shell.write("sample,file,Sample\nx,a.st,y\n", to: "columns.csv")
    try shell.write("sample,file,donor\nx,a.st,\"d\n1\"\n", to: "break.csv")
    let before = try shell.data("a.st")
    let output = options.contains("-o") ? "" : "-o out.st"
    let made = try shell.run("sc-preprocess \(options) \(output)")
    #expect(made.status == status && made.errors.contains(words), "\(made.errors)")
    #expect(!shell.exists("out.st"))
    #expect(try shell.data("a.st") == before && shell.leftovers.isEmpty)
  }

  @Test("cells are scaled to the target, and size factors stay")
  func targetSum() throws {
    try write("a.st", cells: Array(0..<120), genes: Array(0..<200))
    let run = "sc-preprocess -q a.st --genes 300 --min-cells-fraction 0"
    let made = try shell.run(
      "\(run) -o plain.st && \(run) --target-sum median -o median.st && \(run) --target-sum 1e4 -o out.st"
    )
    #expect(made.status == 0, "\(made.errors)")
    #expect(try shell.data("plain.st") == shell.data("median.st"))
    let (plain, cells) = (try shell.object("plain.st"), try shell.object("out.st"))
    #expect(plain.obs["size_factors"] == cells.obs["size_factors"])
    #expect(cells.history[0].settings["target_sum"] == "10000")
    let x = try #require(cells.x).dense()
    for (i, j) in [(0, 0), (5, 17), (119, 199)] {
      let total = SimulatedCells.counts[i].reduce(0, +)
      let expected = log1p(Double(SimulatedCells.counts[i][j]) / Double(total) * 1e4)
      #expect(abs(Double(x[i, j]) - expected) < 1e-5)
    }
    for wrong in ["0", "-1", "mean"] {
      let refused = try shell.run("\(run) --target-sum=\(wrong) -o no.st")
      #expect(refused.status == 64 && refused.errors.contains("target-sum"), "\(refused.errors)")
    }
  }
}
