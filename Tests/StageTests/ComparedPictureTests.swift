import CellData
import Foundation
import Tensors
import Testing

/// sc-eval --compare --plot, --curves and --figures grid, run as a program.
@Suite struct ComparedPictureTests {
  private let shell: Shell
  /// Two margins, two numbers of neighbors, two seeds.
  private static let runs = ["0.7", "0.8"].flatMap { margin in
    ["2", "10"].flatMap { neighbors in
      (0..<2).map {
        (
          name: "e\(margin)-k\(neighbors)-s\($0).st", margin: margin, neighbors: neighbors, seed: $0
        )
      }
    }
  }
  private static let all = runs.map(\.name).joined(separator: " ")

  init() throws {
    shell = try Shell()
    for (number, run) in Self.runs.enumerated() {
      try write(
        run.name, ["margin": run.margin, "latent_neighbors": run.neighbors], run.seed,
        flips: 9 * number)
    }
  }

  /// A run whose history says that sc-cluster had these settings; `flips` cells are in the wrong
  /// cluster.
  private func write(_ name: String, _ settings: [String: String], _ seed: Int, flips: Int) throws {
    try shell.writeInput { cells in
      let labels = (0..<120).map { $0 < flips ? 0 : $0 % 3 }
      cells.obs["cluster"] = .integer(Buffer(labels))
      cells.obsm["X_latent"] = Matrix(
        (0..<120).map { i in
          (0..<4).map { Float($0 == i % 3 ? 9 : 0) + Float((i * ($0 + 7 + seed)) % 11) / 10 }
        })
      cells.tensors["uns.loss.sctpf.cluster"] = Tensor(
        Matrix<Float>((0..<5 + seed).map { [3 / Float($0 + 1), 1 / Float($0 + 1)] }))
      cells.settings["uns.loss.sctpf.cluster_terms"] = "[\"total\",\"zinb\"]"
      cells.history = [
        Provenance(
          tool: "sc-cluster", version: "1", settings: settings, seed: UInt64(seed),
          inputCRC: "0000abcd")
      ]
    }
    try? FileManager.default.removeItem(at: shell.url(name))
    try FileManager.default.moveItem(at: shell.url("in.st"), to: shell.url(name))
  }

  private func draw(_ runs: String, _ options: String) throws -> String {
    let table = try shell.run("sc-eval --compare \(runs) --labels type")
    let outcome = try shell.run(
      "sc-eval --compare \(runs) --labels type --plot p.svg \(options)")
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(options): \(outcome.errors)")
    #expect(outcome.output == table.output)
    return String(decoding: try shell.data("p.svg"), as: UTF8.self)
  }

  private func fields(_ svg: String) -> Int {
    svg.split(separator: "\n").count { $0.contains("fill-rule") }
  }

  @Test("scores: a bar a group of seeds and figure; one more group has one more of each")
  func scores() throws {
    let names = Self.runs.map(\.name)
    let two = fields(try draw(names[0...3].joined(separator: " "), ""))
    #expect(fields(try draw(names[0...5].joined(separator: " "), "")) == two + 3)
    #expect(fields(try draw(names[0...3].joined(separator: " "), "--figures scores")) == two)
    let png = try shell.run("sc-eval --compare \(Self.all) --labels type --plot p.png")
    #expect(png.status == 0)
    #expect(try shell.data("p.png").count > 5000)
  }

  @Test("grid: a field a pair of settings, seeds together")
  func grid() throws {
    let names = Self.runs.map(\.name)
    let four = fields(try draw(Self.all, "--figures grid"))
    // ARI and NMI have one field less each.
    #expect(fields(try draw(names[0...5].joined(separator: " "), "--figures grid")) == four - 2)
    try write("other.st", ["margin": "0.7", "keep": "\"last\""], 0, flips: 3)
    try write(
      "switched.st", ["margin": "0.7", "latent_neighbors": "2", "no_filter": "true"], 0, flips: 3)
    for (runs, differ) in [
      ("\(names[0]) \(names[2])", "sc-cluster.latent_neighbors"), (names[0], "none"),
      ("\(names[0]) \(names[2]) other.st", "sc-cluster"),
      ("\(Self.all) switched.st", "sc-cluster.no_filter"),
    ] {
      let outcome = try shell.run("sc-eval --compare \(runs) --plot q.svg --figures grid")
      #expect(outcome.status == 65 && outcome.errors.contains("differ in exactly two numbers"))
      #expect(outcome.errors.contains(differ), "\(outcome.errors)")
      #expect(!shell.exists("q.svg") && outcome.output.isEmpty)
    }
  }

  @Test("a switch that some runs have sets them apart by its name")
  func switches() throws {
    try write("plain.st", ["margin": "0.7"], 0, flips: 3)
    try write("switched.st", ["margin": "0.7", "no_filter": "true"], 0, flips: 3)
    let lines = try shell.run("sc-eval --compare plain.st switched.st").text.split(separator: "\n")
    #expect(lines.count == 3 && lines[1].hasPrefix("plain.st\t1\t\t"))
    #expect(lines[2].hasPrefix("switched.st\t1\tsc-cluster.no_filter=true\t"))
  }

  @Test(
    "layout: all cells of every group's first run, and a dot a type; the threads change nothing")
  func layouts() throws {
    func dots(_ svg: String) -> Int {
      svg.split(separator: "\n").count { $0.contains("stroke-linecap") && $0.contains("round") }
    }
    #expect(dots(try draw(Self.all, "--figures layout")) == 4 * 120 + 3)
    // Another data set brings its own types into the legend.
    try shell.edit(Self.runs[2].name, as: "more.st") { cells in
      cells.obs["type"] = .strings((0..<120).map { "other \($0 % 4)" })
    }
    let two = "\(Self.runs[0].name) more.st"
    let outcome = try shell.run(
      "sc-eval --compare \(two) --labels type --plot p.svg --figures layout")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(dots(String(decoding: try shell.data("p.svg"), as: UTF8.self)) == 2 * 120 + 3 + 4)
    _ = try draw(Self.all, "--figures layout")
    let first = try shell.data("p.svg")
    _ = try draw(Self.all, "--figures layout -t 1")
    #expect(try shell.data("p.svg") == first)
    _ = try draw(Self.all, "--figures layout --layout umap --seed 3")
    #expect(try shell.data("p.svg") != first)
  }

  @Test("the legend of clusters that are each run's own adds up no cells")
  func legendOfClusters() throws {
    // One partition whose clusters have other names in the second run.
    func glyphs(_ names: [String]) throws -> Int {
      for (run, file, names) in [
        (Self.runs[0].name, "one.st", ["0", "1", "2"]), (Self.runs[2].name, "two.st", names),
      ] {
        try shell.edit(run, as: file) { cells in
          cells.obs["cluster"] = .strings(
            zip([99, 9, 12], names).flatMap { Array(repeating: $1, count: $0) })
        }
      }
      let outcome = try shell.run("sc-eval --compare one.st two.st --plot p.svg --figures layout")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let svg = String(decoding: try shell.data("p.svg"), as: UTF8.self)
      return svg.split(separator: "\n").count { $0.contains("<use") }
    }
    // The sums would be 108, 108 and 24, or 198, 21 and 21: one digit less.
    let letters = try glyphs(["1", "0", "2"])
    #expect(letters > 0)
    #expect(try glyphs(["0", "2", "1"]) == letters)
  }

  @Test(
    "losses: the total of every group over the epochs that all its seeds have; all of it as text")
  func curves() throws {
    let outcome = try shell.run(
      "sc-eval --compare \(Self.all) --plot p.svg --figures losses --curves c.tsv")
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let lines = String(decoding: try shell.data("c.tsv"), as: UTF8.self).split(separator: "\n")
      .map { $0.split(separator: "\t").map(String.init) }
    #expect(lines[0] == ["run", "phase", "term", "epoch", "value"])
    // Two terms of five and of six epochs, four times.
    #expect(lines.count == 1 + 4 * 2 * (5 + 6) && lines.allSatisfy { $0.count == 5 })
    #expect(lines[2] == [Self.runs[0].name, "sctpf.cluster", "total", "2", "1.5"])
    #expect(try shell.run("sc-eval \(Self.runs[1].name) --curves d.tsv -o f.tsv").status == 0)
    let single = String(decoding: try shell.data("d.tsv"), as: UTF8.self).split(separator: "\n")
    #expect(single.count == 13 && single[1].hasPrefix("e0.7-k2-s1\tsctpf.cluster\ttotal\t1\t3"))
  }

  @Test("runs without curves of a kind are left out of it with a line")
  func missingCurves() throws {
    let (one, two) = (Self.runs[0].name, Self.runs[2].name)
    try shell.edit(one, as: "bare.st") { $0.tensors = [:] }
    let outcome = try shell.run(
      "sc-eval --compare bare.st \(two) --plot p.svg --figures losses scores")
    #expect(outcome.status == 0)
    #expect(
      outcome.errors
        == "sc-eval: --figures losses: left out, without losses of a training: 'bare.st'\n")
    // There is no message about what was not asked for.
    #expect(try shell.run("sc-eval --compare bare.st \(two) --plot q.svg").errors.isEmpty)
  }

  @Test("bars past those that there is room for are left out with a line")
  func manyBars() throws {
    let names = (0..<42).map { "r\($0).st" }
    for (number, name) in names.enumerated() {
      try write(name, ["margin": "0.\(100 + number)"], 0, flips: number)
    }
    func errors(_ count: Int) throws -> String {
      let runs = names.prefix(count).joined(separator: " ")
      let outcome = try shell.run("sc-eval --compare \(runs) --labels type --plot p.svg")
      #expect(outcome.status == 0)
      return outcome.errors
    }
    #expect(try errors(40).isEmpty)
    #expect(try errors(42).contains("bars of the first 40 of 42 runs; the table has all"))
  }

  @Test("the clusters of a file beside those of the next: a band for every pair that shares cells")
  func flows() throws {
    let (one, other) = (Self.runs[0].name, Self.runs[1].name)
    // Three clusters beside three, also of runs that differ in their seeds alone. In the other the
    // first cells of clusters 1 and 2 are in cluster 0.
    #expect(fields(try draw("\(one) \(other)", "--figures alluvial")) == 6 + 5)
    let three = "\(one) \(other) \(Self.runs[2].name)"
    #expect(fields(try draw(three, "--figures alluvial")) == 2 * (6 + 5))
  }

  @Test("cells are matched by name: other orders and missing cells")
  func flowsOfOtherCells() throws {
    let one = Self.runs[0].name
    try shell.edit(Self.runs[1].name, as: "turned.st") { cells in
      cells = cells.selectingCells(Array((0..<120).reversed()))
    }
    try shell.edit(Self.runs[1].name, as: "fewer.st") { cells in
      cells = cells.selectingCells(Array(20..<120))
    }
    try shell.edit(Self.runs[1].name, as: "strange.st") { cells in
      cells.obs.index = cells.obs.index.map { "other " + $0 }
    }
    let plain = try shell.run(
      "sc-eval --compare \(one) \(Self.runs[1].name) --plot a.svg --figures alluvial")
    let turned = try shell.run("sc-eval --compare \(one) turned.st --plot b.svg --figures alluvial")
    #expect(plain.status == 0 && turned.status == 0, "\(turned.errors)")
    func bands(_ file: String) throws -> Int {
      fields(String(decoding: try shell.data(file), as: UTF8.self))
    }
    #expect(try bands("a.svg") == bands("b.svg"))
    let fewer = try shell.run("sc-eval --compare \(one) fewer.st --plot c.svg --figures alluvial")
    #expect(
      fewer.errors.contains("100 cells are in both '\(one)' (120) and 'fewer.st' (100)"),
      "\(fewer.errors)")
    // All the cells that are in another cluster are among those left out.
    #expect(try bands("a.svg") == 6 + 5 && bands("c.svg") == 6 + 3)
    for (files, words) in [
      ("\(one) strange.st", "'\(one)' and 'strange.st' share no cells"),
      ("\(one)", "there is one run; give --compare two files or more"),
    ] {
      let refused = try shell.run("sc-eval --compare \(files) --plot d.svg --figures alluvial")
      #expect(refused.status == 65 && refused.errors.contains(words), "\(refused.errors)")
      #expect(!shell.exists("d.svg"))
    }
  }

  @Test("what sc-cluster --grid stores is drawn: a field a pair and figure")
  func storedGrid() throws {
    let pairs: [[Float]] = [[0.332, 2, 0.5, 0.1], [0.7, 2, 0.6, 0.2], [0.7, 4, 0.4, 0.3]]
    func drawn(_ count: Int, _ options: String) throws -> Int {
      try shell.edit(Self.runs[0].name, as: "grid.st") { cells in
        cells.tensors["uns.grid.sctpf"] = Tensor(Matrix(Array(pairs.prefix(count))))
        cells.settings["uns.grid.sctpf_columns"] =
          "[\"margin\",\"latent_neighbors\",\"score\",\"reliable\"]"
      }
      let outcome = try shell.run("sc-eval grid.st --plot p.svg \(options)")
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      return fields(String(decoding: try shell.data("p.svg"), as: UTF8.self))
    }
    #expect(try drawn(3, "--figures grid") == drawn(2, "--figures grid") + 2)
    // Only if it is asked for.
    #expect(try drawn(3, "") == drawn(2, ""))
    try shell.edit("grid.st", as: "damaged.st") {
      $0.settings["uns.grid.sctpf_columns"] = "[\"margin\"]"
    }
    let damaged = try shell.run("sc-eval damaged.st --plot q.svg --figures grid")
    #expect(
      damaged.status == 65 && damaged.errors.contains("grid needs what sc-cluster --grid stores"))
  }

  @Test("what cannot be drawn is refused, and nothing is left")
  func failures() throws {
    let (one, two) = (Self.runs[0].name, Self.runs[2].name)
    try shell.edit(one, as: "bare.st") { $0.tensors = [:] }
    for (options, status, complaint) in [
      ("--compare \(one) \(two) --plot p.html", 64, "a page shows one run"),
      (
        "--compare \(one) --plot p.png --figures confusion", 64, "is for one run, without --compare"
      ),
      ("\(one) --plot p.png --figures scores", 64, "is for several runs, with --compare"),
      ("--compare \(one) --figures layout", 64, "--figures is for runs with --plot"),
      ("--compare \(one) --plot p.png --figures gradients", 64, "needs --diagnose"),
      ("--compare \(one) --plot p.png --figures gradients --diagnose", 65, "nothing to draw"),
      ("--compare \(one) --plot p.png --layout umap", 64, "but the layout is missing"),
      ("--compare bare.st --curves c.tsv", 65, "there are no curves"),
      ("bare.st --curves c.tsv", 65, "there are no curves"),
      ("\(one) --curves c.svg", 64, "ending .svg is not known"),
      ("\(one) --history --curves c.tsv", 64, "is for runs without --history"),
      ("\(one) --plot p.png --figures grid", 65, "grid needs what sc-cluster --grid stores"),
      ("--compare \(one) --plot c.png --curves ./c.png", 64, "c.png"),
      ("--compare \(one) --plot none/c.png", 73, "cannot create"),
    ] as [(String, Int32, String)] {
      let outcome = try shell.run("sc-eval \(options)")
      #expect(outcome.status == status, "\(options): \(outcome.errors)")
      #expect(outcome.errors.contains(complaint), "\(options): \(outcome.errors)")
      #expect(outcome.output.isEmpty && !shell.exists("p.png") && !shell.exists("c.tsv"))
    }
    #expect(try shell.leftovers.isEmpty)
  }
}
