import StageSupport
import Testing

/// The bar that stages draw on a terminal's standard error.
@Suite struct ProgressTests {
  @Test(
    "share, rate and time left",
    arguments: [
      // A second a step and slower shows its seconds.
      (50, 200, 0, 4.0, "", "[#####...............] 25 % 50/200 12.5/s 12 s left"),
      (
        3, 60, 1, 5.0, "loss 1.7",
        "[#...................] 5 % 3/60 2.5 s each 2 min 23 s left  loss 1.7"
      ),
      (
        500_000, 1_000_000, 0, 1000.0, "",
        "[##########..........] 50 % 500000/1000000 500/s 16 min 40 s left"
      ),
      (2, 100, 1, 100.0, "", "[....................] 2 % 2/100 100 s each 2 h 43 min left"),
      // Resumed at 150 of 200, only what was done since shows the rate.
      (160, 200, 150, 5.0, "", "[################....] 80 % 160/200 2.0/s 20 s left"),
      // Too early to show.
      (1, 60, 1, 3.0, "", "[....................] 1 % 1/60"),
      (10, 60, 1, 0.4, "", "[###.................] 16 % 10/60"),
      (60, 60, 0, 6.0, "", "[####################] 100 % 60/60 10.0/s 0 s left"),
    ])
  func line(
    _ done: Int, _ total: Int, _ first: Int, _ elapsed: Double, _ note: String, _ expected: String
  ) {
    #expect(
      Progress.line(done: done, total: total, first: first, elapsed: elapsed, note: note)
        == expected)
  }

  @Test("parts that cost more count for more")
  func parts() {
    #expect(Progress.sum(of: [0: 10], costs: [5, 1]) == 17)
    #expect(Progress.sum(of: [1: 10], costs: [5, 1]) == 3)
    #expect(Progress.sum(of: [0: 10, 1: 10], costs: [5, 1]) == 20)
    #expect(Progress.sum(of: [0: 4, 1: 4, 2: 4], costs: [1.3, 0.1, 0.1]) == 12)
  }

  @Test("never wider than a terminal of 80 columns, and no control bytes")
  func width() {
    let line = Progress.line(
      done: 1, total: 2, first: 0, elapsed: 1, note: String(repeating: "\u{1B}[31m", count: 40))
    #expect(line.count == 79)
    #expect(!line.contains("\u{1B}"))
  }

  @Test("--progress always draws it anywhere and takes it away; one line sums the stage up")
  func stages() throws {
    let shell = try Shell()
    try shell.writeInput()
    let search = try shell.run("sc-preprocess -q in.st | sc-knn --progress always -o graph.st")
    #expect(search.errors.contains("\r[####################] 100 % 120/120  cells searched"))
    let command = """
      sc-pretrain --progress always --epochs 3 --patience 0 graph.st -o model.st
      """
    let outcome = try shell.run(command)
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("\r[####################] 100 % 18/18"))
    #expect(outcome.errors.contains("\r\u{1B}[K"))
    for (command, summary) in [
      ("sc-preprocess in.st -o pre.st", "sc-preprocess: kept 120 of 120 cells"),
      ("sc-knn pre.st -o graph.st", "sc-knn: 120 cells with 15 neighbors each"),
      ("sc-pretrain --epochs 3 graph.st -o model.st", "sc-pretrain: sctpf: 3 epochs on 120 cells"),
      ("sc-cluster model.st --clusters 3 --epochs 8 -o c.st", "sc-cluster: 3 clusters of "),
    ] {
      let lines = try shell.run(command).errors.split(separator: "\n")
      #expect(lines.count { $0.hasPrefix(summary) } == 1, "\(lines)")
      #expect(lines.allSatisfy { !$0.contains("\r") && !$0.contains("\u{1B}") })
    }
  }

  @Test("reading a matrix is shown, by entries and by rows, and taken away before the summary")
  func reading() throws {
    let shell = try Shell()
    try shell.writeInput()
    var lines = ""
    for (cell, row) in SimulatedCells.counts.enumerated() {
      for (gene, count) in row.enumerated() where count > 0 {
        lines += "\(gene + 1) \(cell + 1) \(Int(count))\n"
      }
    }
    let entries = lines.count { $0 == "\n" }
    let sizes = "\(SimulatedCells.genes) \(SimulatedCells.cells) \(entries)\n"
    try shell.write(
      "%%MatrixMarket matrix coordinate integer general\n\(sizes)\(lines)", to: "m.mtx")
    let options = "--progress always -o out.st"
    let text = try shell.run("sc-preprocess \(options) m.mtx")
    #expect(text.errors.contains("] 100 % \(entries)/\(entries)  read"), "\(text.errors)")
    #expect(text.errors.contains("\r\u{1B}[Ksc-preprocess: "))
    try shell.run("sc-preprocess -q in.st -o in.h5ad")
    let stored = try #require(try shell.object("out.st").layers["counts"]?.sparse().entryCount)
    let sparse = try shell.run("sc-preprocess \(options) in.h5ad")
    #expect(
      sparse.errors.contains("] 100 % \(2 * stored)/\(2 * stored)  read"), "\(sparse.errors)")
    let quiet = try shell.run("sc-preprocess --progress never m.mtx -o never.st")
    #expect(!quiet.errors.contains("read"))
    try shell.run("sc-preprocess \(options) m.mtx")
    #expect(try shell.data("never.st") == shell.data("out.st"))
  }
}
