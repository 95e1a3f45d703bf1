import CellData
import Foundation
import Tensors
import Testing

/// sc-preprocess --doublets, run as a program.
@Suite struct DoubletTests {
  private let shell: Shell
  /// The last 30 rows are sums of two cells of different types.
  private static let counts: [[Float]] = {
    let cells = SimulatedCells.counts
    return cells + (0..<30).map { k in zip(cells[4 * k], cells[4 * k + 1]).map { $0 + $1 } }
  }()

  init() throws { shell = try Shell() }

  private func write(_ change: (inout CellData) -> Void = { _ in }) throws {
    let count = Self.counts.count
    var cells = CellData(
      obs: Frame(index: (0..<count).map { "cell-\($0)" }),
      var: Frame(index: SimulatedCells.geneNames), x: .sparse(SparseMatrix(Matrix(Self.counts))))
    cells.obs["sample"] = .strings((0..<count).map { $0 % 2 == 0 ? "a" : "b" })
    change(&cells)
    try shell.write(cells, to: "in.st")
  }

  @Test("scores and calls are written, and the doublets have the higher scores")
  func columns() throws {
    try write()
    let made = try shell.run(
      """
      sc-preprocess in.st --doublets --doublet-rate 0.2 -o a.st &&
      sc-preprocess -q in.st --doublets --doublet-rate 0.2 -t 3 -o b.st
      """)
    #expect(made.status == 0 && made.errors.contains("predicted doublets: "), "\(made.errors)")
    #expect(try shell.data("a.st") == shell.data("b.st"))
    let cells = try shell.object("a.st")
    let scores = try #require(cells.obs["doublet_score"]?.numbers)
    #expect(scores.count == 150 && scores.allSatisfy { (0...1).contains($0) })
    guard case .boolean(let calls) = cells.obs["predicted_doublet"] else {
      Issue.record("no predicted_doublet")
      return
    }
    let (singlets, doublets) = (scores[..<120], scores[120...])
    #expect(doublets.sorted()[15] > singlets.sorted()[100])
    let found = calls.indices.count { calls[$0] && $0 >= 120 }
    let others = calls.count { $0 } - found
    #expect(found >= 20 && others < 2 * found, "\(found) and \(others)")
    #expect(cells.history[0].settings["doublet_rate"] == "0.2")
    // A later run without them takes the columns out.
    let later = try shell.run("sc-preprocess a.st -o c.st")
    #expect(later.errors.contains("removed obs/doublet_score and obs/predicted_doublet of an"))
    #expect(try shell.object("c.st").obs["doublet_score"] == nil)
  }

  @Test("a threshold that makes far more doublets than expected is refused by a line")
  func refusedThreshold() throws {
    try write()
    let made = try shell.run("sc-preprocess in.st --doublets --drop-doublets -o out.st")
    #expect(made.status == 0, "\(made.errors)")
    let line = try #require(
      made.errors.split(separator: "\n").first { $0.contains("between the modes") })
    let words =
      "cells doublets, where --doublet-rate expects 6 %, so no doublets are called; look at obs/doublet_score and give --doublet-threshold, or another --doublet-rate"
    #expect(line.hasSuffix(words) && line.contains("of 150 cells"), "\(line)")
    #expect(made.errors.contains("--drop-doublets drops no cell"), "\(made.errors)")
    let cells = try shell.object("out.st")
    #expect(cells.cellCount == 150)
    #expect(try #require(cells.obs["doublet_score"]?.numbers).allSatisfy { $0 > 0 })
  }

  @Test("of two samples, only the one with the absurd threshold is named and kept whole")
  func refusedSample() throws {
    // The same cells twice: each sample has random doublets of its own.
    try write { cells in
      let twice = cells.obs.index.map { "\($0)-y" }
      var obs = Frame(index: cells.obs.index + twice)
      obs["sample"] = .strings((0..<300).map { $0 < 150 ? "x" : "y" })
      cells = CellData(
        obs: obs, var: cells.var,
        x: .sparse(SparseMatrix(Matrix(Self.counts + Self.counts))))
    }
    let made = try shell.run(
      "sc-preprocess -v in.st --doublets --drop-doublets --batch-key sample -o out.st")
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.errors.contains("sample 'x': no threshold, since it would call "))
    #expect(made.errors.contains("of 150 cells of sample 'x' doublets"), "\(made.errors)")
    let kept = try #require(try shell.object("out.st").obs["sample"]?.classes)
    let counts = kept.names.indices.map { name in kept.codes.count { Int($0) == name } }
    #expect(kept.names == ["x", "y"] && counts[0] == 150 && counts[1] < 150, "\(counts)")
  }

  @Test("--drop-doublets drops those above the threshold, and the figure shows them")
  func dropped() throws {
    try write()
    let made = try shell.run(
      """
      sc-preprocess -q in.st --doublets --doublet-threshold 0.2 -o all.st &&
      sc-preprocess in.st --doublets --doublet-threshold 0.2 --drop-doublets --qc q.svg -o out.st
      """)
    #expect(made.status == 0, "\(made.errors)")
    let (all, kept) = (try shell.object("all.st"), try shell.object("out.st"))
    let scores = try #require(all.obs["doublet_score"]?.numbers)
    let expected = all.obs.index.indices.filter { scores[$0] <= 0.2 }.map { all.obs.index[$0] }
    #expect(kept.obs.index == expected && expected.count < 150)
    #expect(made.errors.contains("\(150 - expected.count) predicted doublets"), "\(made.errors)")
    #expect(shell.exists("q.svg"))
  }

  @Test("samples are assessed by themselves")
  func samples() throws {
    try write()
    let made = try shell.run("sc-preprocess -v in.st --doublets --batch-key sample -o out.st")
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.errors.contains("sample 'a': ") && made.errors.contains("sample 'b': "))
    #expect(made.errors.contains("cells in 2 samples"), "\(made.errors)")
    // Sample a alone gets the same scores.
    try write { cells in
      cells.obs["sample"] = .strings((0..<150).map { _ in "a" })
      cells = CellData(
        obs: cells.obs.selectingRows((0..<75).map { 2 * $0 }), var: cells.var,
        x: .sparse(SparseMatrix(Matrix((0..<75).map { Self.counts[2 * $0] }))))
    }
    #expect(
      try shell.run("sc-preprocess -q in.st --doublets --batch-key sample -o one.st").status == 0)
    let both = try #require(try shell.object("out.st").obs["doublet_score"]?.numbers)
    let one = try #require(try shell.object("one.st").obs["doublet_score"]?.numbers)
    #expect((0..<75).map { both[2 * $0] } == one)
  }

  @Test(
    "bad input ends with one line and no file",
    arguments: [
      ("--doublet-rate 0.1", 64, "--doublet-rate is for runs with --doublets"),
      ("--drop-doublets", 64, "--drop-doublets is for runs with --doublets"),
      ("--doublets --doublet-rate 0", 64, "--doublet-rate 0: must be from 0.001 to 0.5"),
      ("--doublets --doublet-threshold 2", 64, "--doublet-threshold 2"),
      ("--doublets --batch-key nothing", 65, "there is no column 'nothing' (--batch-key)"),
      (
        "--doublets --batch-key few", 65,
        "--doublets: sample 'x' of obs/few: 20 cells are too few to find doublets among them; 30 are needed, or leave --doublets out"
      ),
      ("--doublets --batch-key gaps", 65, "--doublets: 1 cell has no sample in obs/gaps"),
      ("--doublets --min-counts 1e9", 65, "no cells are left"),
      ("--doublets --max-memory 20M", 71, "not enough memory"),
    ])
  func badInput(_ options: String, _ status: Int32, _ words: String) throws {
    try write { cells in
      cells.obs["few"] = .strings((0..<150).map { $0 < 20 ? "x" : "y" })
      cells.obs["gaps"] = .categorical(Categories((0..<150).map { $0 == 3 ? nil : "y" }))
    }
    let made = try shell.run("sc-preprocess in.st \(options) -o out.st")
    #expect(made.status == status && made.errors.contains(words), "\(made.errors)")
    #expect(!shell.exists("out.st"))
  }
}
