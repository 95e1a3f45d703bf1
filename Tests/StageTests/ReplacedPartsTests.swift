import CellData
import Tensors
import Testing

/// A stage names parts of the user in obsm, obsp, varm and uns that it replaces; parts that our
/// stages wrote are not named.
@Suite struct ReplacedPartsTests {
  private let shell: Shell
  private let cells = SimulatedCells.cells

  init() throws {
    shell = try Shell()
    try shell.write(try SimulatedCells.stream(), to: "s")
    try shell.run("sc-preprocess s -q -o p.st; sc-knn p.st -q -o k.st")
  }

  /// Writes a file again with embeddings of the user.
  private func add(_ names: [String], to file: String, as result: String) throws {
    var data = try shell.object(file)
    for name in names { data.obsm[name] = Matrix(repeating: 1.5, rows: cells, columns: 3) }
    try shell.write(data, to: result)
  }

  @Test func layoutsOfTheUserAreNamed() throws {
    try add(["X_umap", "X_tsne"], to: "k.st", as: "mine.st")
    try shell.run("sc-cluster mine.st --method leiden -q -o c.st")
    let made = try shell.run("sc-eval c.st --layout umap -o u.st")
    #expect(made.errors.contains("replaced obsm/X_umap, written by another program\n"))
    #expect(try shell.object("u.st").obsm["X_tsne"] == shell.object("c.st").obsm["X_tsne"])
    // The second time it is ours.
    #expect(
      try !shell.run("sc-eval u.st --layout umap --seed 2 -o v.st").errors.contains("another"))
    try add(["X_umap"], to: "u.st", as: "changed.st")
    let again = try shell.run("sc-eval changed.st --layout umap -o w.st")
    #expect(again.errors.contains("replaced obsm/X_umap, written by another program"))
  }

  @Test func codesOfTheUserAreNamed() throws {
    try add(["X_latent", "X_latent_1"], to: "k.st", as: "mine.st")
    let made = try shell.run("sc-pretrain mine.st --models 1 --epochs 2 -o m.st")
    #expect(
      made.errors.contains("replaced obsm/X_latent, obsm/X_latent_1, written by another program"))
    #expect(
      try !shell.run("sc-pretrain m.st --models 2 --epochs 2 -o n.st").errors.contains(
        "written by another program"))
    #expect(
      try !shell.run("sc-cluster n.st -c 3 --epochs 4 -o o.st").errors.contains(
        "written by another program"))
  }

  @Test func graphsOfTheUserAreNamed() throws {
    var data = try shell.object("p.st")
    let graph = SparseMatrix(Matrix<Float>(repeating: 1, rows: cells, columns: cells))
    (data.obsp["distances"], data.obsp["connectivities"]) = (graph, graph)
    data.varm["PCs"] = Matrix(repeating: 1, rows: data.geneCount, columns: 2)
    data.settings["uns.neighbors.params.method"] = "\"umap\""
    data.settings["uns.pca.params.zero_center"] = "false"
    try shell.write(data, to: "mine.st")
    let made = try shell.run("sc-knn mine.st -o k2.st")
    #expect(
      made.errors.contains(
        "obsp/connectivities, obsp/distances, uns/neighbors, uns/pca, varm/PCs, written by another program"
      ))
    #expect(try !shell.run("sc-knn k2.st -n 10 -o k3.st").errors.contains("another"))
  }

  @Test("the base of a logarithm goes with the X that had it, and matrices of genes follow raw")
  func partsOfX() throws {
    try shell.writeInput { data in
      data.settings["uns.log1p.base"] = "2"
      data.settings["uns.other"] = "2"
      var genes = Frame(index: data.var.index.reversed())
      genes["place"] = .integer(Buffer(data.var.index.indices.reversed()))
      data.raw = RawValues(
        x: .dense(Matrix(SimulatedCells.counts.map { Array($0.reversed()) })), var: genes)
      data.x = .dense(Matrix(SimulatedCells.counts.map { $0.map { $0 - 1.5 } }))
      data.layers = [:]
      data.varm["q"] = Matrix(data.var.index.indices.map { [Float($0)] })
    }
    let made = try shell.run("sc-preprocess in.st --min-cells-fraction 0 -o out.st")
    #expect(made.status == 0 && !made.errors.contains("varm/q of another"), "\(made.errors)")
    let result = try shell.object("out.st")
    #expect(result.settings["uns.log1p.base"] == nil && result.settings["uns.other"] == "2")
    let places = try #require(result.var["place"]?.numbers)
    let kept = try #require(result.varm["q"])
    #expect((0..<kept.rows).allSatisfy { Double(kept[$0, 0]) == places[$0] })
  }

  /// With the RNA alone none of our parts is called X_joint.
  @Test func whatNoStageReplacesStays() throws {
    var data = try shell.object("p.st")
    data.obsm["X_joint"] = Matrix(repeating: 1, rows: cells, columns: 2)
    data.settings["uns.joint.second_weight"] = "3"
    try shell.write(data, to: "mine.st")
    let made = try shell.run("sc-knn mine.st -q -o a.st; sc-knn a.st -o b.st")
    #expect(!made.errors.contains("another"))
    let after = try shell.object("b.st")
    #expect(after.obsm["X_joint"] == data.obsm["X_joint"])
    #expect(after.settings["uns.joint.second_weight"] == "3")
    // Nor do models look at it.
    let (mine, plain) = (
      try shell.run("sc-pretrain b.st --models 2 --epochs 2 -q -o m.st"),
      try shell.run("sc-pretrain k.st --models 2 --epochs 2 -q -o n.st")
    )
    #expect(mine.status == 0 && plain.status == 0)
    #expect(
      try shell.object("m.st").obsm["X_latent_1"] == shell.object("n.st").obsm["X_latent_1"])
  }

  @Test func settingsOfTheUserAreNamed() throws {
    var data = try shell.object("k.st")
    data.settings["uns.confidence"] = "\"mine\""
    data.settings["uns.cluster_colors"] = "[\"#111111\"]"
    data.settings["uns.other"] = "\"kept\""
    try shell.write(data, to: "mine.st")
    let made = try shell.run("sc-cluster mine.st --method leiden -o a.st")
    #expect(
      made.errors.contains(
        "replaced uns/cluster_colors, uns/confidence, written by another program"))
    #expect(try shell.object("a.st").settings["uns.other"] == "\"kept\"")
  }
}
