import CellData
import Foundation
import Tensors
import Testing

/// sc-eval, run as a program.
@Suite struct EvaluateTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput { cells in
      // 60 cells in cluster 0, of which 40 alpha and 20 beta; 60 in cluster 1, of which 20 beta and
      // 40 gamma.
      let order = (0..<120).map { $0 / 40 }
      cells.obs["type"] = .strings(order.map { SimulatedCells.typeNames[$0] })
      cells.obs["cluster"] = .integer(Buffer((0..<120).map { $0 / 60 }))
      cells.obs["holes"] = .categorical(
        Categories(codes: Buffer(order.map { $0 == 2 ? -1 : Int32($0) }), names: ["a", "b"]))
      cells.obs["real"] = .float32(Buffer((0..<120).map { Float($0) + 0.5 }))
      cells.obsm["X_latent"] = Matrix((0..<120).map { [Float($0 / 60 * 10), Float($0 % 2)] })
    }
  }

  private func figures(_ options: String) throws -> [String: Any] {
    let outcome = try shell.run("sc-eval in.st --json \(options)")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let object = try JSONSerialization.jsonObject(with: outcome.output)
    return try #require(object as? [String: Any])
  }

  private func number(_ figures: [String: Any], _ name: String) throws -> Double {
    try #require(figures[name] as? Double)
  }

  @Test("figures known by hand")
  func knownFigures() throws {
    let figures = try figures("--labels type")
    #expect(try number(figures, "acc") == 80.0 / 120)
    #expect(try number(figures, "purity") == 80.0 / 120)
    // Pairs in one cluster 2·1770, in one class 3·780, in both 2·(780 + 190).
    let (both, clusters, classes, all) = (1940.0, 3540.0, 2340.0, 7140.0)
    let chance = clusters * classes / all
    let rand = (both - chance) / ((clusters + classes) / 2 - chance)
    #expect(abs(try number(figures, "ari") - rand) < 1e-12)
    #expect(
      abs(try number(figures, "fowlkes_mallows") - both / (clusters * classes).squareRoot()) < 1e-12
    )
    for name in ["nmi", "ami", "homogeneity", "completeness", "v_measure"] {
      #expect((0.3..<0.9).contains(try number(figures, name)), "\(name)")
    }
    #expect(try number(figures, "silhouette") > 0.9)
    #expect(try number(figures, "davies_bouldin") < 0.2)
    #expect(try number(figures, "calinski_harabasz") > 1000)
    #expect(figures["cells"] as? Int == 120 && figures["clusters"] as? Int == 2)
  }

  @Test("what a confidence is worth: the surer half of the cells against the other, and the curve")
  func confidence() throws {
    #expect(try figures("--labels type")["acc_confident"] == nil)
    let stream = try SimulatedCells.stream { cells in
      // The 80 cells in the cluster of their type have higher confidences than the 40 others.
      let sure = (0..<120).map { (cell: Int) -> Float in
        cell / 40 == 1 ? 0.1 : 0.5 + Float(cell) / 300
      }
      cells.obs["type"] = .strings((0..<120).map { SimulatedCells.typeNames[$0 / 40] })
      cells.obs["cluster"] = .integer(Buffer((0..<120).map { $0 / 60 }))
      cells.obs["confidence"] = .float32(Buffer(sure))
      cells.obs["other"] = .integer(Buffer((0..<120).map { $0 / 60 }))
    }
    try shell.write(stream, to: "sure.st")
    let outcome = try shell.run(
      "sc-eval sure.st --labels type --plot sure.svg --figures confidence --report sure.html")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.text.contains("acc_confident\t1\n"), "\(outcome.text)")
    #expect(outcome.text.contains("acc_doubtful\t0.3333333333333333\n"), "\(outcome.text)")
    #expect(try Data(contentsOf: shell.url("sure.svg")).count > 3000)
    let page = String(decoding: try Data(contentsOf: shell.url("sure.html")), as: UTF8.self)
    #expect(page.contains("Accuracy of the most confident cells"))
    // The clusters of another column are not those that the confidences belong to.
    let other = try shell.run("sc-eval sure.st --labels type --clusters-column other")
    #expect(other.status == 0 && !other.text.contains("acc_confident"), "\(other.text)")
    let both = try shell.run("sc-eval --compare sure.st in.st --labels type")
    #expect(both.status == 0 && both.text.contains("acc_confident"), "\(both)")
  }

  @Test("cells without a label are left out and counted; classes can be left out")
  func missingLabels() throws {
    let outcome = try shell.run("sc-eval in.st --json --labels holes")
    #expect(
      outcome.errors
        == "sc-eval: left out 40 of 120 cells, which have no label; metrics without labels, such as silhouette and modularity, leave out only cells without a cluster\n"
    )
    #expect(try number(figures("--labels holes"), "acc") == 60.0 / 80)
    let without = try figures("--labels type --ignore beta")
    #expect(try number(without, "acc") == 1)
    #expect(without["labeled_cells"] as? Int == 80)
    // The labels have no say in the figures that need none.
    #expect(try number(without, "silhouette") == number(figures(""), "silhouette"))
    let nobody = try shell.run("sc-eval in.st --labels type --ignore delta")
    #expect(nobody.status == 65 && nobody.errors.contains("'alpha', 'beta', 'gamma'"))
  }

  @Test("a confidence with gaps is left out, and a line says so")
  func gapsInConfidence() throws {
    try shell.writeInput { cells in
      cells.obs["cluster"] = .integer(Buffer((0..<120).map { $0 / 60 }))
      cells.obs["confidence"] = .float32(Buffer((0..<120).map { $0 == 7 ? .nan : 0.5 }))
      cells.obsm["X_latent"] = Matrix((0..<120).map { [Float($0 / 60 * 10), Float($0 % 2)] })
    }
    let outcome = try shell.run("sc-eval in.st --labels type")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("the confidence is not used: cell '"), "\(outcome.errors)")
    #expect(outcome.text.contains("ari") && !outcome.text.contains("acc_confident"))
  }

  @Test("tables and pictures show the cells that the metrics count")
  func missingLabelsInPages() throws {
    // Cluster 0: 40 alpha and 20 beta. Cluster 1: 20 beta and 40 gamma.
    let outcome = try shell.run(
      "sc-eval in.st --labels type --ignore beta --report p.html --plot p.svg --figures confusion alluvial"
    )
    #expect(outcome.status == 0, "\(outcome.errors)")
    let page = String(decoding: try shell.data("p.html"), as: UTF8.self)
    #expect(
      page.contains("<td>alpha</td><td class=\"number\">100.0 %</td>"), "\(page.suffix(4000))")
    for text in [page, String(decoding: try shell.data("p.svg"), as: UTF8.self)] {
      #expect(!text.contains(">beta<"))
    }
    // A third of the cells have no label, and those of cluster 1 that have one are all b.
    #expect(try shell.run("sc-eval in.st --labels holes --report h.html").status == 0)
    let holes = String(decoding: try shell.data("h.html"), as: UTF8.self)
    #expect(holes.contains("<td>b</td><td class=\"number\">100.0 %</td>"), "\(holes.suffix(4000))")
  }

  @Test("columns that are not there, or no classes, are reported")
  func badColumns() throws {
    for (options, complaint) in [
      (
        "--labels nosuch",
        "--labels nosuch: is neither a file nor a column of obs; there are 'type', 'cluster'"
      ),
      ("--clusters-column nosuch", "(--clusters-column)"), ("--labels real", "not whole"),
      ("--use X_nosuch", "there is no embedding 'X_nosuch' (--use); obsm has 'X_latent'"),
    ] {
      let outcome = try shell.run("sc-eval in.st \(options)")
      #expect(outcome.status == 65 && outcome.output.isEmpty)
      #expect(
        outcome.errors.hasPrefix("sc-eval: in.st: ") && outcome.errors.contains(complaint),
        "\(outcome.errors)")
    }
  }

  @Test("tab-separated in a pipe, to a file on request")
  func tabSeparated() throws {
    let outcome = try shell.run("sc-eval in.st --labels type")
    let lines = outcome.text.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(lines.first == ["metric", "value"])
    #expect(lines.allSatisfy { $0.count == 2 })
    #expect(lines.contains { $0 == ["acc", "0.6666666666666666"] })
    let toFile = try shell.run("sc-eval in.st --labels type -o report.tsv")
    #expect(toFile.output.isEmpty)
    #expect(try shell.data("report.tsv") == outcome.output)
  }

  @Test("one cluster has no silhouette, but a defined report")
  func oneCluster() throws {
    try shell.writeInput { cells in
      cells.obs["cluster"] = .integer(Buffer(repeating: 4, count: 120))
      cells.obsm["X_latent"] = Matrix(repeating: 1, rows: 120, columns: 2)
    }
    let figures = try figures("--labels type")
    #expect(figures["silhouette"] is NSNull && figures["calinski_harabasz"] is NSNull)
    #expect(try number(figures, "ari") == 0)
    #expect(abs(try number(figures, "acc") - 1.0 / 3) < 1e-12)
  }

  @Test("the history names every stage, its settings and its input, and no path or thread count")
  func history() throws {
    #expect(
      try shell.run("sc-preprocess -q in.st --seed 3 | sc-knn -q -t 2 --neighbors 9 -o k.st").status
        == 0)
    let outcome = try shell.run("sc-eval k.st --history --json")
    let entries = try #require(
      try JSONSerialization.jsonObject(with: outcome.output) as? [[String: Any]])
    #expect(entries.map { $0["tool"] as? String } == ["sc-preprocess", "sc-knn"])
    #expect(entries[0]["seed"] as? Int == 3 && entries[1]["version"] as? String == "0.2.0")
    #expect((entries[1]["settings"] as? [String: Any])?["neighbors"] as? Int == 9)
    #expect(entries.allSatisfy { ($0["input_crc"] as? String)?.count == 8 })
    for word in ["thread", "k.st", "in.st", "quiet"] { #expect(!outcome.text.contains(word)) }
    #expect(
      try shell.run("sc-eval k.st --history | head -1").text
        == "tool\tversion\tseed\tinput\tsettings\n")
  }
}
