import CellData
import Tensors
import Testing

/// A column that a stage wrote and somebody has changed since is the user's.
@Suite struct ChangedColumnTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.write(try SimulatedCells.stream(), to: "s")
    try shell.run(
      "sc-preprocess s -q -o p.st; sc-knn p.st -q -o k.st; sc-cluster k.st --method leiden -q -o a.st"
    )
  }

  /// Writes `a.st` again under another name, its clusters called by names of types.
  private func nameClusters(_ name: String) throws -> Column? {
    var cells = try shell.object("a.st")
    guard case .categorical(var clusters)? = cells.obs["cluster"] else { return nil }
    clusters.names = clusters.names.map { "type \($0)" }
    cells.obs["cluster"] = .categorical(clusters)
    try shell.write(cells, to: name)
    return cells.obs["cluster"]
  }

  @Test func namedClustersStayWithTheirConfidence() throws {
    let named = try nameClusters("b.st")
    let confidence = try shell.object("b.st").obs["confidence"]
    let again = try shell.run("sc-cluster b.st --method kmeans -c 4 -o c.st")
    #expect(again.errors.contains("obs/cluster (ours: obs/cluster_sc)"))
    let third = try shell.run("sc-cluster c.st --method kmeans -c 5 -o d.st")
    #expect(third.status == 0, "\(third.errors)")
    let last = try shell.object("d.st").obs
    #expect(last["cluster"] == named && last["confidence"] == confidence)
    #expect(last["cluster_sc"]?.classes?.names.count == 5)
    #expect(last["confidence_sc"] != nil && last["cluster_sc2"] == nil)
    // The named ones serve as true labels of the others.
    #expect(try shell.run("sc-eval d.st --labels cluster").status == 0)
    #expect(try shell.run("sc-eval d.st --labels cluster_sc").status == 65)
  }

  @Test func changedClustersAreNotComparedWithThemselves() throws {
    _ = try nameClusters("b.st")
    let outcome = try shell.run("sc-eval b.st --labels cluster")
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("would be compared with itself"))
  }

  @Test func changedStatisticsStay() throws {
    var cells = try shell.object("p.st")
    let ones = Column.integer(Buffer(repeating: 1, count: cells.cellCount))
    cells.obs["n_genes"] = ones
    cells.var["highly_variable"] = .boolean(Buffer(repeating: false, count: cells.geneCount))
    try shell.write(cells, to: "q.st")
    let made = try shell.run("sc-preprocess q.st -o r.st")
    #expect(made.errors.contains("obs/n_genes (ours: obs/n_genes_sc)"))
    let result = try shell.object("r.st")
    #expect(result.obs["n_genes"] == ones)
    #expect(result.obs["n_counts_sc"] == nil && result.var["highly_variable_sc"] != nil)
  }

  @Test(arguments: ["st", "h5ad", "h5ad-0.7"])
  func whatNobodyChangedIsReplaced(format: String) throws {
    let ending = format == "st" ? "st" : "h5ad"
    let option = format == "h5ad-0.7" ? "--format h5ad-0.7" : ""
    let made = try shell.run(
      "sc-cluster k.st --method leiden -q \(option) -o b.\(ending); sc-cluster b.\(ending) --method kmeans -c 3 -o c.st"
    )
    #expect(made.status == 0 && !made.errors.contains("kept your columns"), "\(made.errors)")
    #expect(!made.errors.contains("replaced"), "\(made.errors)")
    #expect(try shell.object("c.st").obs["cluster_sc"] == nil)
  }

  /// A stage that cuts the table says what its columns hold afterwards.
  @Test func aSelectionOfCellsIsNoChange() throws {
    let made = try shell.run(
      "sc-preprocess a.st --subsample 80 -o b.st; sc-knn b.st -q | sc-cluster --method leiden -o c.st; sc-preprocess c.st -o d.st"
    )
    #expect(made.status == 0 && !made.errors.contains("kept your columns"), "\(made.errors)")
    #expect(!made.errors.contains("replaced"), "\(made.errors)")
    let names = try shell.object("d.st").obs.columnNames
    #expect(!names.contains { $0.hasSuffix("_sc") })
  }

  /// Files of versions that noted no digests: what those stages wrote counts as theirs.
  @Test func withoutDigestsNamesDecide() throws {
    _ = try nameClusters("b.st")
    var cells = try shell.object("b.st")
    for number in cells.history.indices {
      cells.history[number].settings = cells.history[number].settings.filter {
        !$0.key.hasPrefix("crc.")
      }
    }
    try shell.write(cells, to: "old.st")
    let made = try shell.run("sc-cluster old.st --method kmeans -c 3 -o c.st")
    #expect(made.status == 0 && !made.errors.contains("kept your columns"))
    #expect(try shell.object("c.st").obs["cluster"]?.classes?.names == ["0", "1", "2"])
  }

  @Test func digestsSetNoRunsApart() throws {
    let made = try shell.run(
      "for s in 1 2; do sc-cluster k.st --method kmeans -c 3 --seed $s -q -o s$s.st; done; sc-eval --compare s1.st s2.st --labels type"
    )
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.text.split(separator: "\n").count == 2)
    #expect(!made.text.contains("crc."))
  }
}
