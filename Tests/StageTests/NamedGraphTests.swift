import CellData
import DataFormats
import Tensors
import Testing

/// Graphs as scanpy leaves them, and none at all.
@Suite struct NamedGraphTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.write(try SimulatedCells.stream(), to: "s")
    try shell.run("sc-preprocess s -q -o p.st; sc-knn p.st -q -o k.st")
  }

  /// Puts the graph under names of its own, as neighbors(key_added: "nn") does.
  private func rename(entry: String) throws {
    var data = try shell.object("k.st")
    for role in ["distances", "connectivities"] {
      data.obsp["nn_\(role)"] = data.obsp[role]
      data.obsp[role] = nil
      data.settings["uns.\(entry).\(role)_key"] = "\"nn_\(role)\""
    }
    data.history = data.history.filter { $0.tool != "sc-knn" }
    try shell.write(data, to: "g.st")
  }

  @Test(arguments: ["neighbors", "nn"])
  func theGraphThatUnsNamesIsUsed(entry: String) throws {
    try rename(entry: entry)
    let line = "the graph is the one that uns/\(entry) names"
    for command in [
      "sc-cluster g.st --method leiden -o a.st", "sc-pretrain g.st --models 1 --epochs 2 -o m.st",
    ] {
      let made = try shell.run(command)
      #expect(made.status == 0 && made.errors.contains(line), "\(made.errors)")
    }
    try shell.run("sc-cluster k.st --method leiden -q -o b.st")
    #expect(try shell.object("a.st").obs["cluster"] == shell.object("b.st").obs["cluster"])
    #expect(try shell.object("a.st").obsp["nn_distances"] != nil)
  }

  @Test("the copy of a graph of another name has its parameters", arguments: ["a.st", "a.h5ad"])
  func parametersAreCopied(name: String) throws {
    try rename(entry: "nn")
    try shell.edit("g.st", as: "named.st") { data in
      data.settings["uns.nn.params.method"] = "\"umap\""
      data.settings["uns.nn.params.metric"] = "\"cosine\""
      data.settings["uns.nn.params.n_neighbors"] = "30"
    }
    let made = try shell.run("sc-cluster named.st --method leiden -q -o \(name)")
    #expect(made.status == 0, "\(made.errors)")
    let settings =
      try name.hasSuffix(".st")
      ? shell.object(name).settings : DataFormats.read(path: shell.url(name).path).settings
    for entry in ["nn", "neighbors"] {
      #expect(settings["uns.\(entry).params.method"] == "\"umap\"")
      #expect(settings["uns.\(entry).params.metric"] == "\"cosine\"")
      #expect(settings["uns.\(entry).params.n_neighbors"] == "30")
    }
    #expect(settings["uns.neighbors.distances_key"] == "\"distances\"")
    #expect(settings["uns.nn.distances_key"] == "\"nn_distances\"")
  }

  /// Adds to a value of X, and stores X as it says.
  private func change(_ name: String, by difference: Float, isDense: Bool) throws {
    try shell.edit(name, as: "g.st") { data in
      guard case .sparse(let values)? = data.x else { return }
      var dense = Matrix<Float>.zeros(values.rows, values.columns)
      for i in 0..<values.rows {
        for k in values.range(ofRow: i) { dense[i, Int(values.indices[k])] = values.values[k] }
      }
      dense[0, 0] += difference
      data.x = isDense ? .dense(dense) : .sparse(SparseMatrix(dense))
    }
  }

  @Test func valuesThatWereChangedSinceAreToldFromTheGraph() throws {
    let command = "sc-pretrain g.st --models 1 --epochs 2 -o m.st"
    let line = "the values were changed after sc-knn made the graph; run sc-knn"
    for (isDense, isChanged) in [(false, false), (true, false), (false, true), (true, true)] {
      try change("k.st", by: isChanged ? 1 : 0, isDense: isDense)
      let made = try shell.run(command)
      #expect(made.status == 0 && made.errors.contains(line) == isChanged, "\(made.errors)")
    }
    try shell.run("sc-knn k.st --use X_pca -q -o u.st")
    try change("u.st", by: 1, isDense: false)
    let used = try shell.run(command)
    #expect(used.errors.contains("--use") && !used.errors.contains(line), "\(used.errors)")
  }

  @Test func withoutAGraphOneLineSaysSo() throws {
    let outcome = try shell.run("sc-pretrain p.st --epochs 2 -o m.st")
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("there is no graph of neighbors; run sc-knn first"))
    #expect(!outcome.errors.contains("was not made by sc-knn"))
  }

  @Test func aGraphWithoutEdgesIsBadData() throws {
    var data = try shell.object("k.st")
    let size = data.cellCount
    data.obsp["connectivities"] = SparseMatrix(Matrix<Float>.zeros(size, size))
    try shell.write(data, to: "g.st")
    let outcome = try shell.run("sc-cluster g.st --method spectral -c 3 -o a.st")
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("no cell has a neighbor; run sc-knn"))
  }

  /// Lanczos breaks down on it.
  @Test func aGraphOfFewCellsAmongManyIsDivided() throws {
    var data = try shell.object("k.st")
    let size = data.cellCount
    var graph = Matrix<Float>.zeros(size, size)
    for i in 0..<10 { for j in 0..<10 where i / 5 == j / 5 && i != j { graph[i, j] = 1 } }
    data.obsp["connectivities"] = SparseMatrix(graph)
    try shell.write(data, to: "g.st")
    let outcome = try shell.run("sc-cluster g.st --method spectral -c 4 -o a.st")
    #expect(outcome.status == 0 || outcome.status == 65, "\(outcome.errors)")
  }

  @Test func consensusWithoutModelsIsSaid() throws {
    let made = try shell.run("sc-cluster k.st --method consensus -c 3 -o a.st")
    #expect(
      made.errors.contains(
        "no codes of sc-pretrain in the data: the consensus combines k-means of X_pca only"))
  }
}
