import CellData
import Foundation
import Tensors
import Testing

/// What the user brought stays: columns of obs, and what sc-eval compares with what.
@Suite struct OwnColumnTests {
  private let shell: Shell
  private let cells = SimulatedCells.cells

  init() throws {
    shell = try Shell()
    try shell.write(try SimulatedCells.stream(), to: "s")
  }

  private func data(_ name: String) throws -> CellData {
    try shell.object(name)
  }

  /// Cells with columns of the names that our stages write.
  private func writeUsersColumns() throws {
    let mine = Column.strings((0..<cells).map { "mine \($0 % 2)" })
    let numbers = Column.float64(Buffer((0..<cells).map { Double($0) }))
    try shell.write(
      try SimulatedCells.stream { data in
        for name in ["cluster", "reliability", "label"] { data.obs[name] = mine }
        for name in ["confidence", "n_counts", "n_genes", "size_factors"] {
          data.obs[name] = numbers
        }
        data.var["mean"] = .float64(Buffer((0..<SimulatedCells.genes).map { Double($0) }))
      }, to: "mine")
    try shell.write(
      "barcode,kind\n" + SimulatedCells.barcodes.map { "\($0),a" }.joined(separator: "\n") + "\n",
      to: "labels.csv")
  }

  @Test(arguments: ["leiden", "kmeans -c 3"])
  func columnsOfTheUserStay(method: String) throws {
    try writeUsersColumns()
    let made = try shell.run(
      "sc-preprocess mine --labels labels.csv | sc-knn | sc-cluster --method \(method) -o a.st")
    #expect(made.status == 0, "\(made.errors)")
    let (before, after) = (try data("mine"), try data("a.st"))
    for name in before.obs.columnNames {
      #expect(after.obs[name] == before.obs[name], "obs/\(name)")
      // Without a filter there is nothing to write beside the user's reliability.
      if name != "type" && name != "reliability" {
        #expect(made.errors.contains("obs/\(name) (ours: obs/\(name)_sc)"))
      }
    }
    #expect(after.var["mean_sc"] != nil)
    #expect(after.obs["cluster_sc"]?.classes != nil && after.obs["label_sc"]?.classes != nil)
    // The user's clusters serve as true labels then, and ours do not.
    #expect(try shell.run("sc-eval a.st --labels cluster").status == 0)
    #expect(try shell.run("sc-eval a.st --labels cluster_sc").status == 65)
  }

  @Test func trainingTakesOurSizeFactorsAndScaling() throws {
    try writeUsersColumns()
    for input in ["s", "mine"] {
      let made = try shell.run(
        "sc-preprocess \(input) -q | sc-knn -q | sc-pretrain --models 1 --epochs 2 -q -o \(input).m.st"
      )
      #expect(made.status == 0, "\(made.errors)")
    }
    #expect(try data("s.m.st").obsm["X_latent"] == data("mine.m.st").obsm["X_latent"])
  }

  @Test func aSecondRunReplacesTheColumnsOfTheFirst() throws {
    let made = try shell.run(
      "sc-preprocess s -q | sc-knn -q | sc-cluster --method leiden -q -o a.st; sc-preprocess a.st -q | sc-knn -q | sc-cluster --method kmeans -c 3 -o b.st"
    )
    #expect(made.status == 0 && !made.errors.contains("kept your columns"))
    let names = try data("b.st").obs.columnNames
    #expect(!names.contains { $0.hasSuffix("_sc") })
    #expect(try data("b.st").obs["cluster"]?.classes?.names == ["0", "1", "2"])
  }

  @Test func aReplacedGraphLeavesNothingOfTheOldOne() throws {
    try shell.write(
      try SimulatedCells.stream { data in
        data.settings["uns.neighbors.params.method"] = "\"umap\""
        data.settings["uns.neighbors.params.n_neighbors"] = "10"
        data.settings["uns.neighbors.connectivities_key"] = "\"old\""
        data.settings["uns.pca.params.svd_solver"] = "\"arpack\""
        data.obsm["X_pca"] = .zeros(cells, 3)
      }, to: "old")
    let made = try shell.run("sc-preprocess old -q | sc-knn -o a.st")
    #expect(
      made.errors.contains(
        "replaced obsm/X_pca, uns/neighbors, uns/pca, written by another program; --use X_pca keeps obsm/X_pca"
      ))
    let settings = try data("a.st").settings.keys
    #expect(!settings.contains { $0.hasPrefix("uns.neighbors") || $0.hasSuffix("svd_solver") })
  }

  @Test func clustersHaveTheColorsOfThePictures() throws {
    try shell.run(
      "sc-preprocess s -q | sc-knn -q | sc-cluster --method kmeans -c 3 -q -o a.st; sc-eval a.st --plot p.svg --figures sizes -q"
    )
    #expect(
      try data("a.st").settings["uns.cluster_colors"] == ##"["#E69F00","#56B4E9","#009E73"]"##)
  }

  @Test func keyAddedNamesAllColumns() throws {
    let made = try shell.run(
      "sc-preprocess s -q | sc-knn -q | sc-cluster --method kmeans -c 3 --key-added mine -q --labels-out l.tsv -o a.st && sc-eval a.st"
    )
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.text.contains("silhouette"))
    let history = try shell.run("sc-eval a.st --history").text
    for part in ["\"mine\"", "\"mine_confidence\""] { #expect(history.contains(part)) }
    #expect(
      try String(decoding: shell.data("l.tsv"), as: UTF8.self).hasPrefix(
        "barcode\tcluster\tconfidence"))
  }

  @Test(arguments: ["cluster", "n_genes"])
  func resultsAreNoTrueLabels(column: String) throws {
    let made = try shell.run(
      "sc-preprocess s -q | sc-knn -q | sc-cluster --method kmeans -c 3 -q -o a.st; sc-eval a.st --labels \(column)"
    )
    #expect(made.status == 65)
    #expect(made.errors.contains("obs/\(column) is a result of this pipeline, not true labels"))
    #expect(made.output.isEmpty)
  }

  @Test func aColumnIsNotComparedWithItself() throws {
    let outcome = try shell.run("sc-eval a.st --labels x --clusters-column x")
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("cannot be compared with itself"))
  }

  @Test(arguments: ["kmeans -c 3", "spectral -c 3", "leiden", "consensus -c 3"])
  func everyMethodWritesConfidence(method: String) throws {
    let made = try shell.run(
      "sc-preprocess s --labels type -q | sc-knn -q | sc-cluster --method \(method) -q -o a.st; sc-eval a.st --labels type -q --plot p.svg --report r.html"
    )
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.text.contains("acc_confident"))
    #expect(shell.exists("p.svg") && shell.exists("r.html"))
  }
}
