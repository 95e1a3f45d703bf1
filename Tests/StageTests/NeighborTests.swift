import CellData
import Foundation
import Tensors
import Testing

/// sc-knn, run as a program.
@Suite struct NeighborTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput()
    try shell.run("sc-preprocess -q in.st -o p.st")
  }

  @Test("one component is one dimension")
  func oneDimension() throws {
    let made = try shell.run("sc-knn p.st --components 1 -o out.st")
    #expect(made.status == 0 && made.errors.contains(" each in 1 dimension;"), "\(made.errors)")
  }

  @Test("writes components, distances and connectivities under AnnData's names")
  func result() throws {
    #expect(try shell.run("sc-knn -q p.st -o k.st --neighbors 6 --components 10").status == 0)
    let (before, cells) = (try shell.object("p.st"), try shell.object("k.st"))
    let points = try #require(cells.obsm["X_pca"])
    #expect(points.rows == 120 && points.columns == 10 && cells.varm["PCs"]?.columns == 10)
    #expect(cells.x == before.x && cells.layers == before.layers && cells.obs == before.obs)
    let distances = try #require(cells.obsp["distances"])
    for i in 0..<120 {
      let row = distances.range(ofRow: i)
      #expect(row.count == 5)
      let found = Set(row.map { Int(distances.indices[$0]) })
      let all = (0..<120).filter { $0 != i }.map { (squaredDistance(points, i, $0), $0) }.sorted(
        by: <)
      #expect(found == Set(all.prefix(5).map(\.1)))
    }
    let connectivities = try #require(cells.obsp["connectivities"])
    #expect(connectivities == connectivities.transposed())
    #expect(Set(connectivities.values) == [0.5, 1])
    #expect(cells.history.map(\.tool) == ["sc-preprocess", "sc-knn"])
    #expect(cells.history[1].settings["neighbors"] == "6")
  }

  @Test("weighs the same edges by shared neighbors or by distance")
  func weights() throws {
    for kind in ["binary", "snn", "umap"] {
      #expect(try shell.run("sc-knn -q p.st --weights \(kind) -o \(kind).st").status == 0)
    }
    let plain = try shell.object("binary.st")
    #expect(try #require(plain.obsp["connectivities"]).values.allSatisfy { $0 == 0.5 || $0 == 1 })
    for kind in ["snn", "umap"] {
      let cells = try shell.object("\(kind).st")
      let graph = try #require(cells.obsp["connectivities"])
      #expect(cells.obsp["distances"] == plain.obsp["distances"])
      #expect(graph == graph.transposed() && graph.values.allSatisfy { $0 > 0 && $0 <= 1 })
      #expect(Set(graph.values).count > 10)
      #expect(cells.history.last?.settings["weights"] == "\"\(kind)\"")
    }
  }

  @Test("components are of the genes that another program marks as highly variable")
  func markedGenes() throws {
    var cells = try shell.object("p.st")
    (cells.history, cells.raw, cells.layers) = ([], nil, [:])
    cells.var["highly_variable"] = .boolean(Buffer((0..<cells.geneCount).map { $0 % 3 == 0 }))
    try shell.write(cells, to: "marked.st")
    let genes = cells.var.index.indices.filter { $0 % 3 == 0 }
    cells.x = cells.x?.selectingColumns(genes)
    cells.var = cells.var.selectingRows(genes)
    try shell.write(cells, to: "cut.st")
    let made = try shell.run("sc-knn marked.st -o m.st && sc-knn -q cut.st -o c.st")
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.errors.contains("components are of the \(genes.count) genes that var/highly"))
    let (marked, cut) = (try shell.object("m.st"), try shell.object("c.st"))
    #expect(marked.obsm["X_pca"] == cut.obsm["X_pca"] && marked.obsp == cut.obsp)
    let (loadings, few) = (try #require(marked.varm["PCs"]), try #require(cut.varm["PCs"]))
    #expect(loadings.selectingRows(genes) == few)
    #expect(
      loadings.rows == marked.geneCount && (0..<few.columns).allSatisfy { loadings[1, $0] == 0 })
    #expect(marked.settings["uns.pca.params.zero_center"] == "true")
    #expect(marked.settings["uns.pca.params.use_highly_variable"] == "true")
    #expect(marked.settings["uns.pca.params.mask_var"] == "\"highly_variable\"")
    #expect(cut.settings["uns.pca.params.use_highly_variable"] == "false")
    #expect(cut.settings["uns.pca.params.mask_var"] == nil)
    // Genes that sc-preprocess has chosen since are all used.
    try shell.writeInput {
      $0.var["highly_variable"] = .boolean(Buffer((0..<200).map { $0 % 3 == 0 }))
    }
    let again = try shell.run("sc-preprocess -q in.st | sc-knn -o again.st")
    #expect(again.status == 0 && !again.errors.contains("highly_variable marks"))
  }

  @Test("genes may be marked by numbers, text and categories; other columns are named")
  func formsOfMarks() throws {
    var cells = try shell.object("p.st")
    (cells.history, cells.raw, cells.layers) = ([], nil, [:])
    let marks = (0..<cells.geneCount).map { $0 % 3 == 0 }
    func run(_ column: Column) throws -> (matrix: Matrix<Float>?, errors: String) {
      cells.var["highly_variable"] = column
      try shell.write(cells, to: "forms.st")
      let made = try shell.run("sc-knn forms.st -o f.st")
      #expect(made.status == 0, "\(made.errors)")
      return (try shell.object("f.st").obsm["X_pca"], made.errors)
    }
    let wanted = try run(.boolean(Buffer(marks))).matrix
    let forms: [Column] = [
      .integer(Buffer(marks.map { $0 ? 1 : 0 })), .float64(Buffer(marks.map { $0 ? 1 : .nan })),
      .strings(marks.map { $0 ? "TRUE" : "FALSE" }),
      .categorical(Categories(marks.map { $0 ? "True" : "False" })),
    ]
    for form in forms {
      #expect(try run(form).matrix == wanted)
    }
    let other = try run(.integer(Buffer(marks.indices.map { $0 })))
    #expect(other.matrix != wanted)
    #expect(other.errors.contains("var/highly_variable is not used"), "\(other.errors)")
  }

  private func squaredDistance(_ points: Matrix<Float>, _ i: Int, _ j: Int) -> Double {
    (0..<points.columns).reduce(0) { sum, d in
      let difference = Double(points[i, d]) - Double(points[j, d])
      return sum + difference * difference
    }
  }

  @Test("most neighbors of a cell are of its type")
  func makesSense() throws {
    #expect(try shell.run("sc-knn -q p.st -o k.st").status == 0)
    let distances = try #require(try shell.object("k.st").obsp["distances"])
    let same = (0..<120).flatMap { i in
      distances.range(ofRow: i).map { Int(distances.indices[$0]) % 3 == i % 3 }
    }
    #expect(Double(same.count { $0 }) > 0.95 * Double(same.count))
  }

  @Test("refuses an embedding without columns")
  func emptyEmbedding() throws {
    try shell.writeInput { $0.obsm["X_none"] = .zeros(120, 0) }
    let refused = try shell.run("sc-knn -q in.st --use X_none -o k.st")
    #expect(refused.status == 65 && refused.errors.contains("the embedding has no columns"))
    #expect(!shell.exists("k.st"))
  }

  @Test("takes an embedding that is stored, and names those that there are")
  func storedEmbedding() throws {
    try shell.writeInput { $0.obsm["X_line"] = Matrix((0..<120).map { [Float($0), 0] }) }
    #expect(try shell.run("sc-knn -q in.st --use X_line --neighbors 2 -o k.st").status == 0)
    let cells = try shell.object("k.st")
    #expect(cells.obsm["X_pca"] == nil)
    #expect(Array(try #require(cells.obsp["distances"]).indices.prefix(3)) == [1, 0, 1])
    let outcome = try shell.run("sc-knn in.st --use X_nosuch")
    #expect(outcome.status == 65)
    #expect(
      outcome.errors.contains("in.st: there is no embedding 'X_nosuch'")
        && outcome.errors.contains("'X_line'"))
  }

  @Test("the log says how many connected components a graph has")
  func components() throws {
    var cells = try shell.object("p.st")
    cells.obsm["X_far"] = Matrix((0..<120).map { [Float($0 < 60 ? $0 : 1000 + $0)] })
    try shell.write(cells, to: "far.st")
    let run = try shell.run("sc-knn far.st --use X_far --neighbors 4 -o f.st")
    #expect(run.errors.contains("; the graph has 2 connected components\n"), "\(run.errors)")
    let whole = try shell.run("sc-knn p.st --neighbors 60 -o f.st")
    #expect(whole.errors.contains("; the graph is connected\n"), "\(whole.errors)")
  }

  @Test("an embedding whose values all count as 0 is refused")
  func vanishingEmbedding() throws {
    for (bits, status) in [(1, 65), (0, 0), (0x0080_0000, 0)] as [(UInt32, Int32)] {
      try shell.writeInput { cells in
        cells.obsm["X_line"] = Matrix((0..<120).map { [Float(bitPattern: $0 == 7 ? bits : 0)] })
      }
      for command in ["sc-knn", "sc-cluster --method kmeans --clusters 2"] {
        let outcome = try shell.run("\(command) in.st --use X_line -o k.st")
        #expect(outcome.status == status, "\(command): \(outcome.errors)")
        #expect(outcome.errors.contains("no value reaches ±1.2e-38") == (status == 65))
      }
    }
  }

  @Test("cosine and euclidean distances differ")
  func metrics() throws {
    let euclidean = try shell.run("sc-knn -q p.st")
    let cosine = try shell.run("sc-knn -q p.st --metric cosine")
    #expect(euclidean.status == 0 && cosine.status == 0 && euclidean.output != cosine.output)
  }

  @Test("inverted lists find the neighbors asked for, and the recall is recorded")
  func approximate() throws {
    let run = try shell.run("sc-knn p.st --method ivf --recall 1 -o h.st")
    #expect(run.status == 0 && run.errors.contains("recall 1.000 on 120 cells"), "\(run.errors)")
    #expect(try shell.run("sc-knn -q p.st -o k.st").status == 0)
    let (approximate, automatic) = (try shell.object("h.st"), try shell.object("k.st"))
    #expect(approximate.obsp == automatic.obsp)
    #expect(approximate.history[1].settings["method"] == "\"ivf\"")
    #expect(automatic.history[1].settings["method"] == "\"exact\"")
    #expect(try shell.run("sc-knn -q p.st --method ivf --neighbors 121").status == 65)
    #expect(try shell.run("sc-knn -q p.st --method nosuch").status == 64)
    #expect(try shell.run("sc-knn --help").text.contains("ivf"))
  }

  @Test("more neighbors than cells, and values that are not finite, are bad data")
  func badData() throws {
    let many = try shell.run("sc-knn p.st --neighbors 121 -o out.st")
    #expect(many.status == 65 && many.errors.hasPrefix("sc-knn: p.st: "), "\(many.errors)")
    #expect(try shell.run("sc-knn p.st --neighbors 120 -o all.st").status == 0)
    let one = try shell.run("sc-preprocess -q in.st --subsample 1 | sc-knn -o out.st")
    #expect(one.status == 65, "\(one.errors)")
    #expect(!shell.exists("out.st"))
  }
}
