import CellData
import Foundation
import Tensors
import TestSupport
import Testing

/// All genes that pass the filters, in raw beside the variable ones.
@Suite(.serialized) struct AllGenesTests {
  private let shell: Shell

  init() throws { shell = try Shell() }

  private func made(_ command: String) throws -> Outcome {
    let outcome = try shell.run(command, timeout: 120)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return outcome
  }

  @Test("raw has log-normalized values of all genes, or their counts, and how each gene ranks")
  func forms() throws {
    try shell.writeInput { $0.var["length"] = .integer(Buffer(0..<200)) }
    let run = try made("sc-preprocess in.st --genes 50 --min-cells-fraction 0 -o log.st")
    #expect(run.errors.contains("; raw has log-normalized values of all 200 genes that pass"))
    _ = try made(
      "sc-preprocess -q in.st --genes 50 --min-cells-fraction 0 --raw counts -o counts.st")
    _ = try made(
      "sc-preprocess -q in.st --genes 50 --min-cells-fraction 0 --only-variable -o few.st")
    let (log, counts) = (try shell.object("log.st"), try shell.object("counts.st"))
    let few = try shell.object("few.st")
    // The main object is the same.
    for other in [log, counts] {
      #expect(other.x == few.x && other.layers == few.layers && other.obs == few.obs)
      #expect(other.var == few.var && other.obsm == few.obsm)
    }
    #expect(few.raw == nil && few.history[0].settings["raw"] == nil)
    #expect(log.history[0].settings["raw"] == "\"log\"")
    let raw = try #require(log.raw)
    #expect(raw.var.index == SimulatedCells.geneNames && raw.var["mean"] == nil)
    #expect(raw.var["length"] == .integer(Buffer(0..<200)))
    #expect(counts.raw?.x.dense() == Matrix(SimulatedCells.counts))
    #expect(counts.raw?.var == raw.var)
    let factors = try #require(log.obs["size_factors"]?.numbers)
    let expected = zip(SimulatedCells.counts, factors).flatMap { row, s in
      row.map { log1p(Double($0) / s) }
    }
    assertClose(raw.x.dense().elements, expected, tolerance: 1e-6)
    let marked = try #require(raw.var["highly_variable"]?.numbers)
    let kept = raw.var.index.indices.filter { marked[$0] == 1 }
    #expect(kept.map { raw.var.index[$0] } == log.var.index)
    #expect(raw.x.selectingColumns(kept) == log.x)
    let ranks = try #require(raw.var["highly_variable_rank"]?.numbers)
    #expect(ranks.sorted() == (0..<200).map(Double.init) && kept.allSatisfy { ranks[$0] < 50 })
    let norm = try #require(raw.var["dispersions_norm"]?.numbers)
    let least = kept.map { norm[$0] }.min() ?? 0
    #expect((0..<200).allSatisfy { kept.contains($0) || norm[$0] <= least })
    #expect(raw.var["means"] != nil && raw.var["dispersions"] != nil)
  }

  @Test("a second run says that it no longer works within batches")
  func forgottenBatches() throws {
    try shell.writeInput { $0.obs["donor"] = .strings((0..<120).map { $0 % 2 == 0 ? "a" : "b" }) }
    let first = try made("sc-preprocess in.st --genes 50 --batch-key donor -o once.st")
    #expect(!first.errors.contains("an earlier sc-preprocess"))
    let words = "within each batch of obs/donor, but this run does not; give --batch-key donor"
    #expect(try made("sc-preprocess once.st --genes 50 -o a.st").errors.contains(words))
    let again = try made("sc-preprocess once.st --genes 50 --batch-key donor -o b.st")
    #expect(!again.errors.contains(words))
  }

  @Test("seurat_v3 has variances, and a column of the user stays")
  func columns() throws {
    try shell.writeInput { $0.var["means"] = .integer(Buffer(0..<200)) }
    let run = try made("sc-preprocess in.st --genes 50 --hvg-flavor seurat_v3 -o out.st")
    #expect(run.errors.contains("kept your columns: raw/var/means (ours: raw/var/means_sc)"))
    let table = try #require(try shell.object("out.st").raw?.var)
    #expect(table["means"]?.numbers?[3] == 3 && table["means_sc"]?.numbers?[3] != 3)
    #expect(table["variances"] != nil && table["variances_norm"] != nil)
    #expect(table["dispersions"] == nil)
  }

  @Test(
    "nothing appears twice where all genes are kept, and options that change nothing say so")
  func allKept() throws {
    try shell.writeInput()
    let plain = try made("sc-preprocess in.st -o all.st")
    #expect(try shell.object("all.st").raw == nil && !plain.errors.contains("raw"))
    for option in ["--only-variable", "--raw counts"] {
      let outcome = try made("sc-preprocess in.st \(option) -o same.st")
      #expect(
        outcome.errors.contains(
          "--\(option.dropFirst(2).prefix { $0 != " " }) changes nothing: all"))
      #expect(try shell.data("same.st") == shell.data("all.st"))
    }
    let both = try shell.run("sc-preprocess in.st --only-variable --raw log -o no.st")
    #expect(both.status == 64 && both.errors.contains("--only-variable keeps no raw"))
    #expect(try shell.run("sc-preprocess in.st --raw scaled -o no.st").status == 64)
    #expect(!shell.exists("no.st"))
  }

  /// Values of all simulated genes that no stage has made.
  private static let foreignRaw = RawValues(
    x: .dense(Matrix(repeating: Float(0.25), rows: 120, columns: 200)),
    var: Frame(index: SimulatedCells.geneNames))

  @Test("raw of the input stays where it has all genes, and gives way where it has not")
  func rawOfInput() throws {
    try shell.writeInput { $0.raw = Self.foreignRaw }
    let kept = try made("sc-preprocess in.st --genes 50 --raw counts -o out.st")
    #expect(kept.errors.contains("--raw changes nothing: raw of the input has all genes"))
    let cells = try shell.object("out.st")
    #expect(
      cells.raw?.x.dense() == Self.foreignRaw.x.dense() && cells.history[0].settings["raw"] == nil)
    let few = try made("sc-preprocess in.st --genes 50 --only-variable -o few.st")
    #expect(try shell.object("few.st").raw == nil && !few.errors.contains("changes nothing"))
    try shell.writeInput {
      $0.raw = RawValues(
        x: Self.foreignRaw.x.selectingColumns([1, 3]), var: Frame(index: ["Gene1", "Gene3"]))
    }
    let replaced = try made("sc-preprocess in.st --genes 50 -o out.st")
    #expect(replaced.errors.contains("raw of the input lacks genes that pass the filters"))
    #expect(try shell.object("out.st").raw?.var.rowCount ?? 0 > 190)
  }

  @Test("a second run keeps raw, marks its own genes, and takes it out where it is not wanted")
  func again() throws {
    try shell.writeInput()
    _ = try made(
      """
      sc-preprocess -q in.st --genes 90 -o first.st && sc-preprocess -q first.st --genes 40 -o again.st &&
      sc-preprocess -q first.st --genes 40 --only-variable -o few.st
      """)
    let (first, again) = (try shell.object("first.st"), try shell.object("again.st"))
    #expect(again.raw?.x == first.raw?.x && again.geneCount == 40)
    let marked = try #require(again.raw?.var["highly_variable"]?.numbers)
    let names = try #require(again.raw?.var.index)
    #expect(Set(names.indices.filter { marked[$0] == 1 }.map { names[$0] }) == Set(again.var.index))
    #expect(again.formOfOwnRaw == "log" && first.formOfOwnRaw == "log")
    #expect(try shell.object("few.st").raw == nil)
    let other = try made("sc-preprocess first.st --genes 40 --raw counts -o counts.st")
    #expect(other.errors.contains("--raw changes nothing: raw of the input has all genes"))
    let none = try made("sc-preprocess first.st --only-variable -o none.st")
    #expect(try shell.object("none.st").raw == nil && !none.errors.contains("changes nothing"))
    var changed = again
    changed.raw?.x = .sparse(try #require(first.raw).x.sparse().mapEntries { $1 + 1 })
    #expect(changed.formOfOwnRaw == nil)
  }

  @Test(
    "a second run begins with all genes: sums, factors and values are those of one run",
    arguments: ["log", "counts"])
  func secondRun(form: String) throws {
    try shell.writeInput { cells in
      cells.var["length"] = .integer(Buffer(0..<200))
      cells.var.index[7] = "MT-7"
    }
    let run = "--min-cells-fraction 0 --raw \(form)"
    _ = try made(
      """
      sc-preprocess -q in.st --genes 90 \(run) | sc-knn -q -o first.st &&
      sc-preprocess -q in.st --genes 40 \(run) -o once.st
      """)
    let second = try made("sc-preprocess first.st --genes 40 \(run) -o twice.st")
    #expect(second.errors.contains("the counts of all 200 genes are taken from raw, where"))
    #expect(!second.errors.contains("no value") && !second.errors.contains("left out"))
    let (once, twice) = (try shell.object("once.st"), try shell.object("twice.st"))
    #expect(twice.x == once.x && twice.layers == once.layers && twice.obs == once.obs)
    #expect(Set(twice.var.columnNames) == Set(once.var.columnNames))
    for name in once.var.columnNames { #expect(twice.var[name] == once.var[name], "\(name)") }
    for name in ["highly_variable", "highly_variable_rank", "dispersions_norm"] {
      #expect(twice.raw?.var[name] == once.raw?.var[name], "\(name)")
    }
  }

  @Test(
    "a second run of fewer cells, in another order, begins with all genes too",
    arguments: ["log", "counts"])
  func secondRunOfFewerCells(form: String) throws {
    try shell.writeInput()
    let run = "--min-cells-fraction 0 --raw \(form)"
    _ = try made("sc-preprocess -q in.st --genes 90 \(run) | sc-knn -q -o first.st")
    let first = try shell.object("first.st")
    let order = Array((0..<first.cellCount).reversed().dropFirst(3))
    try shell.write(first.selectingCells(order), to: "fewer.st")
    let second = try made("sc-preprocess fewer.st --genes 40 \(run) -o second.st")
    #expect(second.errors.contains("the counts of all 200 genes are taken from raw, where"))
    #expect(
      second.errors.contains(
        "kept, because they were changed after sc-knn: obsm/X_pca, obsp/connectivities, obsp/distances"
      ), "\(second.errors)")
    let (cells, all) = (try shell.object("second.st"), try shell.object("in.st"))
    let totals = try #require(all.x?.sparse()).rowSums
    let places = cells.obs.index.map { name in all.obs.index.firstIndex(of: name) }
    #expect(cells.obs[cells.ownColumn("n_counts")]?.numbers == places.map { totals[$0!] })
    #expect(cells.formOfOwnRaw == form && cells.geneCount == 40)
    let marks = try #require(cells.raw?.var["highly_variable"]?.numbers)
    #expect(marks.reduce(0, +) == 40)
    // Without raw, the share of the counts is known from the noted sums.
    _ = try made("sc-preprocess -q in.st --genes 90 --only-variable -o few.st")
    try shell.write(try shell.object("few.st").selectingCells(order), to: "fewer.st")
    let few = try made("sc-preprocess fewer.st --genes 40 -o out.st")
    #expect(few.errors.contains("an earlier sc-preprocess kept 90 genes with"))
  }

  @Test("a graph of other values does not outlive them")
  func staleGraph() throws {
    try shell.writeInput()
    _ = try made(
      """
      sc-preprocess -q in.st --genes 90 | sc-knn -q -o first.st &&
      sc-knn -q first.st --use X_pca -o used.st
      """)
    let changed = try made("sc-preprocess first.st --genes 40 -o second.st")
    #expect(
      changed.errors.contains(
        "removed, because X has other values now: obsm/X_pca, obsp/connectivities, obsp/distances, uns/pca, varm/PCs"
      ), "\(changed.errors)")
    let second = try shell.object("second.st")
    #expect(second.obsm.isEmpty && second.obsp.isEmpty && second.varm.isEmpty)
    try shell.expectBadData(
      "sc-cluster second.st --method leiden -o no.st", "run sc-knn")
    // The same values have the same graph, and a graph of another embedding stays.
    let same = try made("sc-preprocess first.st --genes 90 -o same.st")
    #expect(!same.errors.contains("removed"), "\(same.errors)")
    let (one, two) = (try shell.object("first.st"), try shell.object("same.st"))
    #expect(one.obsp == two.obsp && one.obsm == two.obsm && one.varm == two.varm)
    let used = try made("sc-preprocess used.st --genes 40 -o kept.st")
    #expect(!used.errors.contains("removed"))
    #expect(try shell.object("kept.st").obsp["distances"] != nil)
  }

  @Test("without raw a second run says whose sums it writes")
  func sumsOfSomeGenes() throws {
    try shell.writeInput()
    _ = try made("sc-preprocess -q in.st --genes 90 --only-variable -o few.st")
    let second = try made("sc-preprocess few.st --genes 40 -o out.st")
    #expect(second.errors.contains("an earlier sc-preprocess kept 90 genes with"))
    #expect(second.errors.contains("n_counts, n_genes and size factors cover only these"))
    _ = try made("sc-preprocess -q in.st -o all.st")
    #expect(!(try made("sc-preprocess all.st --genes 40 -o out.st")).errors.contains("earlier"))
  }

  @Test("samples with the variable genes alone are not joined: genes of others would be absent")
  func joined() throws {
    try shell.writeInput()
    _ = try made("sc-preprocess -q in.st --genes 60 -o first.st; cp first.st second.st")
    for join in ["inner", "outer"] {
      try shell.expectBadData(
        "sc-preprocess first.st second.st --join \(join)",
        "it has the counts of 60 variable genes of")
    }
    try shell.writeInput { $0.raw = Self.foreignRaw }
    let plain = try made("cp in.st more.st; sc-preprocess in.st more.st -o both.st")
    #expect(plain.errors.contains("in.st: raw is dropped; samples are joined by the genes"))
  }

  @Test("every stage passes it on, and the clusters are those without it")
  func passedOn() throws {
    try shell.writeInput()
    for (option, name) in [("", "all"), ("--only-variable", "few")] {
      _ = try made(
        """
        sc-preprocess -q in.st --genes 90 \(option) -o \(name).pre.st && sc-knn -q \(name).pre.st \
          | sc-pretrain -q --models 1 --epochs 12 | sc-cluster -q -c 3 --epochs 4 -o \(name).st &&
        sc-eval -q \(name).st -o \(name).h5ad >/dev/null
        """)
    }
    let (all, few) = (try shell.object("all.st"), try shell.object("few.st"))
    #expect(all.obs["cluster"] == few.obs["cluster"] && all.obs == few.obs)
    #expect(all.obsm == few.obsm && all.obsp == few.obsp && few.raw == nil)
    let raw = try #require(try shell.object("all.pre.st").raw)
    #expect(all.raw?.x == raw.x && all.raw?.var == raw.var)
    _ = try made("sc-knn -q all.h5ad --use X_pca -o back.st")
    #expect(try shell.object("back.st").raw?.x == raw.x)
    #expect(try shell.object("back.st").raw?.var == raw.var)
    #expect(try shell.object("back.st").formOfOwnRaw == "log")
  }

  @Test(
    "markers, pictures and colors see genes that are not variable", arguments: ["log", "counts"])
  func markers(_ form: String) throws {
    try shell.writeInput()
    _ = try made(
      """
      sc-preprocess -q in.st --genes 60 --raw \(form) | sc-knn -q --components 8 -o all.st &&
      sc-preprocess -q in.st --genes 60 --only-variable | sc-knn -q --components 8 -o few.st &&
      sc-eval -q all.st --clusters-column type --markers all.tsv >/dev/null &&
      sc-eval -q few.st --clusters-column type --markers few.tsv >/dev/null
      """)
    func lines(_ name: String) throws -> [[Substring]] {
      String(decoding: try shell.data(name), as: UTF8.self).split(separator: "\n").dropFirst()
        .map { $0.split(separator: "\t") }
    }
    let (all, few) = (try lines("all.tsv"), try lines("few.tsv"))
    #expect(all.count > 3 * 190 && few.count == 3 * 60)
    // A gene of type beta that is not among the variable ones leads nevertheless.
    let variable = Set(try shell.object("all.st").var.index)
    let gene = try #require((60..<120).map { "Gene\($0)" }.first { !variable.contains($0) })
    let own = all.first { $0[0] == "beta" && $0[2] == gene }
    #expect(try #require(own.flatMap { Double($0[3]) }) > 4)
    // The same genes get the same scores, with any other genes; size factors are stored as Float.
    let scores = Dictionary(
      uniqueKeysWithValues: all.map { ("\($0[0]) \($0[2])", Double($0[3]) ?? .nan) })
    let pairs = few.map { (scores["\($0[0]) \($0[2])"] ?? .nan, Double($0[3]) ?? .nan) }
    #expect(pairs.allSatisfy { form == "log" ? $0 == $1 : abs($0 - $1) < 0.05 })
    let drawn = try made(
      """
      sc-eval -q all.st --clusters-column type --plot c.svg --color \(gene) >/dev/null &&
      sc-eval -q all.st --clusters-column type --plot d.svg --figures dotplot >/dev/null
      """)
    #expect(drawn.errors.isEmpty && shell.exists("c.svg") && shell.exists("d.svg"))
    let missing = try shell.run(
      "sc-eval few.st --clusters-column type --plot e.svg --color \(gene)")
    #expect(missing.status == 65 && missing.errors.contains("nor one of the 60 genes"))
  }

  @Test("scaled values in raw are no expression: X is taken")
  func scaledRaw() throws {
    try shell.writeInput { cells in
      cells.raw = RawValues(
        x: .dense(Matrix(SimulatedCells.counts.map { $0.map { $0 - 1.5 } })), var: cells.var)
    }
    _ = try made(
      """
      sc-preprocess -q in.st --genes 60 -o a.st && sc-knn -q a.st -o k.st &&
      sc-eval -q k.st --clusters-column type --markers m.tsv >/dev/null
      """)
    let text = String(decoding: try shell.data("m.tsv"), as: UTF8.self)
    #expect(text.split(separator: "\n").count == 1 + 3 * 60)
  }

  @Test("new cells that sc-preprocess has cut are mapped by all of their genes")
  func mapped() throws {
    func part(_ rows: Range<Int>, _ name: String) throws {
      var cells = CellData(
        obs: Frame(index: rows.map { SimulatedCells.barcodes[$0] }),
        var: Frame(index: SimulatedCells.geneNames),
        x: .sparse(SparseMatrix(Matrix(rows.map { SimulatedCells.counts[$0] }))))
      cells.obs["type"] = .strings(rows.map { SimulatedCells.typeNames[$0 % 3] })
      try shell.write(cells, to: name)
    }
    try part(0..<80, "reference.st")
    try part(80..<120, "new.st")
    _ = try made(
      """
      sc-preprocess -q reference.st --genes 90 | sc-knn -q --components 8 | sc-pretrain -q --models 1 --epochs 12 \
        | sc-cluster -q -c 3 --epochs 4 -o trained.st &&
      sc-preprocess -q new.st --min-cells-fraction 0 --genes 60 -o log.st &&
      sc-preprocess -q new.st --min-cells-fraction 0 --genes 60 --target-sum 1e4 -o sum.st &&
      sc-preprocess -q new.st --min-cells-fraction 0 --genes 60 --raw counts -o counts.st &&
      sc-cluster -q --reference trained.st new.st --labels-out new.tsv -o out.st
      """)
    for name in ["log", "sum", "counts"] {
      let run = try made(
        "sc-cluster --reference trained.st \(name).st --labels-out \(name).tsv -o out.st")
      #expect(run.errors.contains("all 90 genes of the reference were found"), "\(run.errors)")
      #expect(try shell.data("\(name).tsv") == shell.data("new.tsv"), "\(name)")
    }
  }

  @Test("the memory of all genes is estimated, and leaving them out named where that fits")
  func memory() throws {
    let table = (0..<1600).map { cell in
      "c\(cell)," + (0..<3000).map { ($0 * 7 + cell) % 5 == 0 ? "1" : "0" }.joined(separator: ",")
    }
    let names = (0..<3000).map { "g\($0)" }.joined(separator: ",")
    try shell.write(",\(names)\n\(table.joined(separator: "\n"))\n", to: "in.csv")
    _ = try made("sc-preprocess -q in.csv --genes 3000 -o in.h5ad")
    func estimate(_ options: String) throws -> Double {
      let run = try made("sc-preprocess -v in.h5ad --genes 200 \(options) -o out.st")
      let line = run.errors.split(separator: "\n").first { $0.contains("estimated memory") }
      let words = try #require(line).split(separator: " ")
      let place = try #require(words.firstIndex { Double($0) != nil })
      return try #require(Double(words[place]))
    }
    let (all, few) = (try estimate(""), try estimate("--only-variable"))
    // 960,000 entries of 12 bytes are 11 MiB. The program itself, part of both estimates, varies by
    // some hundred kilobytes from run to run.
    #expect((10.0...12.0).contains(all - few), "\(all) \(few)")
    let between = Int((all + few) / 2 * 1024)
    let refused = try shell.run(
      "sc-preprocess in.h5ad --genes 200 --max-memory \(between)K -o no.st")
    #expect(
      refused.status == 71 && refused.errors.contains("; --only-variable"), "\(refused.errors)")
    _ = try made(
      "sc-preprocess in.h5ad --genes 200 --only-variable --max-memory \(between)K -o o.st")
  }
}
