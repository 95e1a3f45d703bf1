import CellData
import Tensors
import Testing

/// obs/confidence is measured in the space of the clusters, and uns/confidence names that space.
@Suite struct ConfidenceTests {
  private let shell: Shell
  private let cells = SimulatedCells.cells

  init() throws {
    shell = try Shell()
    // An embedding of the types with a little spread.
    let points = Matrix((0..<cells).map { [Float($0 % 3), Float($0 % 5) * 0.01] })
    try shell.write(
      try SimulatedCells.stream {
        $0.obsm["X_scVI"] = points
        $0.obsm["X_latent"] = Matrix(repeating: 1, rows: cells, columns: 2)
      }, to: "s")
    try shell.run("sc-preprocess s -q -o p.st; sc-knn p.st -q -o k.st")
  }

  private func place(_ file: String) throws -> String {
    let text = try shell.object(file).settings["uns.confidence"] ?? ""
    return text.split(separator: " ").last { $0.hasPrefix("obsm/") }.map(String.init) ?? ""
  }

  @Test(arguments: ["spectral -c 3", "leiden"])
  func theEmbeddingOfTheGraphCounts(method: String) throws {
    for (input, embedding) in [("p.st", "X_scVI"), ("k.st", "X_scVI")] {
      let made = try shell.run(
        "sc-knn \(input) --use \(embedding) -q | sc-cluster --method \(method) -o a.st")
      #expect(made.status == 0 && !made.errors.contains("left out"), "\(made.errors)")
      #expect(try place("a.st") == "obsm/X_scVI:")
    }
    // What the user calls X_latent is nothing that the graph was built from.
    try shell.run("sc-cluster k.st --method \(method) -q -o b.st")
    #expect(try place("b.st") == "obsm/X_pca:")
    let values = try shell.object("b.st").obs["confidence"]?.numbers ?? []
    #expect(values.contains { $0 != 0.5 })
  }

  @Test func anEmbeddingThatIsNamedCounts() throws {
    try shell.run("sc-cluster k.st --method kmeans -c 3 --use X_scVI -q -o a.st")
    #expect(try place("a.st") == "obsm/X_scVI:")
  }

  @Test func codesOfModelsCount() throws {
    let made = try shell.run(
      "sc-pretrain k.st --models 2 --epochs 2 -q -o m.st; sc-cluster m.st --method leiden -q -o a.st"
    )
    #expect(made.status == 0, "\(made.errors)")
    let text = try shell.object("a.st").settings["uns.confidence"] ?? ""
    #expect(text.contains("averaged over obsm/X_latent, obsm/X_latent_1:"))
  }

  @Test func clustersThatAnotherProgramChangedHaveNone() throws {
    try shell.run("sc-cluster k.st --method kmeans -c 3 -q -o own.st")
    var data = try shell.object("own.st")
    data.obs["cluster"] = .strings((0..<cells).map { $0 % 3 == 1 ? "x" : "y" })
    try shell.write(data, to: "changed.st")
    let own = try shell.run("sc-eval own.st --labels type --json")
    let changed = try shell.run("sc-eval changed.st --labels type --json")
    #expect(own.text.contains("acc_confident"), "\(own.errors)")
    #expect(changed.status == 0 && !changed.text.contains("acc_confident"), "\(changed.errors)")
  }

  @Test func withoutTheEmbeddingThereIsALine() throws {
    var data = try shell.object("k.st")
    data.obsm = [:]
    try shell.write(data, to: "g.st")
    let made = try shell.run("sc-cluster g.st --method leiden -o a.st")
    #expect(made.status == 0)
    #expect(made.errors.contains("obs/confidence is left out: obsm does not hold the embedding"))
    let result = try shell.object("a.st")
    #expect(result.obs["confidence"] == nil && result.settings["uns.confidence"] == nil)
  }
}
