import CellData
import Foundation
import Tensors
import Testing

/// sc-eval --compare-groups, run as a program.
@Suite(.serialized) struct GroupTests {
  private let shell: Shell
  private static let run =
    "sc-eval -q in.st --clusters-column type --compare-groups condition --replicate donor"

  init() throws {
    shell = try Shell()
    try input()
  }

  /// Four donors with ten cells of each type. Treated cells of type alpha have ten times the counts
  /// of the first five genes.
  private func input(_ change: (inout CellData) -> Void = { _ in }) throws {
    try shell.writeInput { cells in
      let donors = (0..<120).map { $0 / 3 % 4 }
      cells.obs["donor"] = .strings(donors.map { "d\($0)" })
      cells.obs["condition"] = .strings(donors.map { $0 < 2 ? "control" : "treated" })
      var counts = Matrix(SimulatedCells.counts)
      for cell in stride(from: 0, to: 120, by: 3) where donors[cell] >= 2 {
        for gene in 0..<5 { counts[cell, gene] = 10 * counts[cell, gene] + 10 }
      }
      cells.x = .dense(counts)
      change(&cells)
    }
  }

  private func rows(_ name: String) throws -> [[String]] {
    String(decoding: try shell.data(name), as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test("genes that differ are found in their cluster alone, from raw counts and from raw")
  func genes() throws {
    let made = try shell.run(
      """
      \(Self.run) --group-genes a.tsv --report r.html >/dev/null &&
      \(Self.run) -t 1 --group-genes b.tsv >/dev/null &&
      sc-preprocess -q in.st --genes 90 | sc-knn -q --components 8 -o k.st &&
      sc-eval -q k.st --clusters-column type --compare-groups condition --replicate donor \
      --group-genes c.tsv >/dev/null
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(try shell.data("a.tsv") == shell.data("b.tsv"))
    let rows = try rows("a.tsv")
    #expect(
      rows[0] == [
        "cluster", "group", "base_group", "rank", "gene", "mean", "log2_fold_change",
        "standard_error", "statistic", "p_value", "p_adjusted",
      ])
    let alpha = rows.filter { $0[0] == "alpha" }
    #expect(alpha.allSatisfy { $0[1] == "treated" && $0[2] == "control" })
    #expect(Set(alpha.prefix(5).map { $0[4] }) == ["Gene0", "Gene1", "Gene2", "Gene3", "Gene4"])
    #expect(alpha.prefix(5).allSatisfy { Double($0[10]) ?? 1 < 0.01 && Double($0[6]) ?? 0 > 2 })
    let others = rows.dropFirst().filter { $0[0] != "alpha" }
    #expect(Set(others.map { $0[0] }) == ["beta", "gamma"])
    #expect(others.count { Double($0[10]) ?? 1 < 0.05 } < 8)
    // The counts of the filtered genes in raw, restored from logarithms.
    let filtered = try self.rows("c.tsv").filter { $0[0] == "alpha" }
    #expect(Set(filtered.prefix(5).map { $0[4] }) == Set(alpha.prefix(5).map { $0[4] }))
    let page = String(decoding: try shell.data("r.html"), as: UTF8.self)
    #expect(page.contains("Genes that differ between groups"))
    #expect(page.contains("Cluster alpha, treated against control: "))
  }

  @Test("where only some replicates are in both groups, the line says that they are not paired")
  func partlyPaired() throws {
    try input { cells in
      let quarters = (0..<120).map { $0 / 3 % 4 }
      cells.obs["donor"] = .strings(quarters.map { ["d0", "d1", "d0", "d2"][$0] })
    }
    let made = try shell.run(
      "sc-eval in.st --clusters-column type --compare-groups condition --replicate donor --group-genes a.tsv"
    )
    #expect(made.status == 0)
    let words = "; not paired, because 2 of 3 replicates are in one group only; counts of 200 genes"
    #expect(made.errors.contains(words), "\(made.errors)")
    let found = try rows("a.tsv")
    // The same as of donors that are all different.
    try input()
    try shell.run("\(Self.run) --group-genes b.tsv >/dev/null")
    #expect(try rows("b.tsv") == found)
  }

  @Test("the base group turns the fold change")
  func base() throws {
    let made = try shell.run(
      "\(Self.run) --base-group treated --group-genes a.tsv >/dev/null")
    #expect(made.status == 0, "\(made.errors)")
    let first = try #require(try rows("a.tsv").first { $0[0] == "alpha" })
    #expect(first[1] == "control" && first[2] == "treated" && Double(first[6]) ?? 0 < -2)
  }

  @Test("clusters without enough replicates are named, and the others compared")
  func leftOut() throws {
    try input { cells in
      // Two cells of type beta are left of donor d3.
      let types = cells.obs["type"]?.classes
      let donors = cells.obs["donor"]?.classes
      var left = 0
      cells.obs["type"] = .strings(
        (0..<120).map { i in
          let type = types.map { $0.names[Int($0.codes[i])] } ?? ""
          if type == "beta", donors?.names[Int(donors?.codes[i] ?? 0)] == "d3" {
            left += 1
            return left > 2 ? "gamma" : type
          }
          return type
        })
    }
    let made = try shell.run(
      "sc-eval in.st --clusters-column type --compare-groups condition --replicate donor --group-genes a.tsv --report r.html"
    )
    #expect(made.status == 0, "\(made.errors)")
    #expect(
      made.errors.contains(
        "cluster 'beta' is not compared: group 'treated' has 1 replicate (obs/donor) with 10 cells or more; two are needed"
      ), "\(made.errors)")
    #expect(Set(try rows("a.tsv").dropFirst().map { $0[0] }) == ["alpha", "gamma"])
    #expect(
      made.errors.contains(
        "--compare-groups: 'treated' against 'control' (obs/condition) in 2 clusters; 2 replicates (obs/donor) in a group; not paired; counts of 200 genes"
      ), "\(made.errors)")
    let page = String(decoding: try shell.data("r.html"), as: UTF8.self)
    #expect(page.contains("Left out") && page.contains("<td>beta</td><td>not compared</td>"))
  }

  @Test(
    "what cannot be compared is named in one line",
    arguments: [
      ("--compare-groups none --replicate donor", 65, "there is no column 'none'"),
      ("--compare-groups condition --replicate none", 65, "there is no column 'none'"),
      (
        "--compare-groups condition --replicate condition", 65,
        "base group 'control' has 1 replicate (obs/condition)"
      ),
      (
        "--compare-groups donor --replicate donor", 65, "group 'd0' has 1 replicate (obs/donor)"
      ),
      (
        "--compare-groups one --replicate donor", 65,
        "all cells are of one group, 'a'; two or more groups"
      ),
      (
        "--compare-groups type --replicate donor", 65,
        "each cluster has cells of one group of obs/type; name a column whose groups share clusters"
      ),
      (
        "--compare-groups condition --replicate donor --base-group x", 65,
        "there is no group 'x' (--base-group); there are 'control', 'treated'"
      ),
    ])
  func wrong(_ options: String, _ status: Int32, _ words: String) throws {
    try input { $0.obs["one"] = .strings(Array(repeating: "a", count: 120)) }
    let made = try shell.run(
      "sc-eval -q in.st --clusters-column type \(options) --group-genes a.tsv -o f.tsv")
    #expect(made.status == status && made.errors.contains(words), "\(made.errors)")
    #expect(made.errors.split(separator: "\n").count == 1, "\(made.errors)")
    #expect(!shell.exists("a.tsv") && !shell.exists("f.tsv"))
  }

  @Test("too many groups are refused with the advice that fits")
  func manyGroups() throws {
    var cells = CellData(
      obs: Frame(index: (0..<600).map { "c\($0)" }), var: Frame(index: SimulatedCells.geneNames),
      x: .dense(Matrix((0..<600).map { SimulatedCells.counts[$0 % 120] })))
    cells.obs["type"] = .strings(Array(repeating: "a", count: 600))
    cells.obs["group"] = .strings((0..<600).map { "g\($0 / 24)" })
    cells.obs["donor"] = .strings((0..<600).map { "d\($0 % 24 / 12)" })
    try shell.write(cells, to: "many.st")
    let made = try shell.run(
      "sc-eval -q many.st --clusters-column type --compare-groups group --replicate donor --group-genes a.tsv"
    )
    #expect(made.status == 65, "\(made.errors)")
    #expect(
      made.errors.hasSuffix("25 groups are more than 24; compare fewer\n"), "\(made.errors)")
  }

  @Test("a group that is called None counts as missing, and messages say so")
  func missingWord() throws {
    try input { cells in
      cells.obs["drug"] = .strings((0..<120).map { $0 % 2 == 0 ? "None" : "drug" })
    }
    for options in ["", "--base-group None"] {
      let made = try shell.run(
        "sc-eval in.st --clusters-column type --compare-groups drug --replicate donor \(options) --group-genes a.tsv"
      )
      #expect(made.status == 65, "\(made.errors)")
      #expect(
        made.errors.contains(
          "one group, 'drug'; two or more groups are needed ('None' counts as missing)"),
        "\(made.errors)")
    }
    let batches = try shell.run("sc-preprocess in.st --batch-key drug -o out.st")
    #expect(
      batches.errors.contains(
        "60 of 120 cells have no batch in obs/drug ('None' counts as missing)"),
      "\(batches.errors)")
  }

  @Test(
    "options that go with nothing",
    arguments: [
      (
        "--compare-groups condition --group-genes a.tsv", "--compare-groups is for runs with --repl"
      ),
      ("--compare-groups condition --replicate donor", "for runs with --group-genes or --report"),
      ("--replicate donor", "--replicate is for runs with --compare-groups"),
      ("--base-group x", "--base-group is for runs with --compare-groups"),
      ("--group-genes a.tsv", "--group-genes is for runs with --compare-groups"),
      ("--compare-groups condition --replicate donor --group-genes a.png", "a.png"),
    ])
  func usage(_ options: String, _ words: String) throws {
    let made = try shell.run("sc-eval in.st --clusters-column type \(options)")
    #expect(made.status == 64 && made.errors.contains(words), "\(made.errors)")
    #expect(!shell.exists("a.tsv"))
  }

  @Test("values that are no counts are refused")
  func noCounts() throws {
    try input { cells in
      cells.x = cells.x.map { .sparse($0.sparse().mapValues { $0 + 0.5 }) }
    }
    let made = try shell.run("\(Self.run) --group-genes a.tsv")
    #expect(made.status == 65 && made.errors.contains("holds counts"), "\(made.errors)")
  }
}
