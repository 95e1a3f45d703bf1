import CellData
import Foundation
import Tensors
import Testing

/// SC3 and its number of clusters as users run them.
@Suite struct SC3StageTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run("sc-preprocess -q in.st -o pre.st")
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  @Test("it needs neither graph nor model, and gives the same bytes for any number of threads")
  func clusters() throws {
    let outcome = try shell.run(
      """
      set -e
      sc-cluster pre.st -c 3 --method sc3 -t 1 -v -o one.st
      sc-cluster -q pre.st -c 3 --method sc3 -t 2 -o two.st
      cmp one.st two.st
      sc-eval one.st --labels type --json
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    // From 4 to 9 dimensions of 120 cells, six matrices.
    #expect(outcome.errors.contains("sc3: the consensus of 36 partitions"), "\(outcome.errors)")
    let report = try #require(
      try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
    #expect(try #require(report["acc"] as? Double) > 0.95)
    let result = try shell.object("one.st")
    #expect(result.history.last?.settings["method"] == "\"sc3\"")
    #expect(result.obs["cluster"]?.classes?.names == ["0", "1", "2"])
  }

  @Test("the number of clusters by Tracy and Widom's law, with any method that takes a number")
  func tracyWidom() throws {
    for method in ["sc3", "kmeans"] {
      let outcome = try shell.run(
        "sc-knn -q pre.st --components 10 | sc-cluster --clusters tracy-widom --method \(method) -o c.st"
      )
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains(": the number of eigenvalues above "), "\(outcome.errors)")
      let result = try #require(try shell.object("c.st").history.last)
      #expect(result.settings["from_data"] == "[\"clusters\"]")
      let number = try #require(result.settings["clusters"].flatMap { Int($0) })
      #expect((2...4).contains(number))
    }
  }

  @Test("it reads no embedding")
  func noEmbedding() throws {
    let outcome = try shell.run("sc-cluster pre.st -c 3 --method sc3 --use X_pca -o c.st")
    #expect(outcome.status == 64 && outcome.errors.contains("--use is for methods that take"))
  }

  @Test(
    "data without what it needs end with 65 and a line that says what",
    arguments: [
      ("sc-cluster pre.st -c 121 --method sc3", "121 clusters (--clusters) for 120 cells"),
      ("sc-cluster scaled.st -c 3 --method sc3", "but sc3 reads logarithms"),
      (
        "sc-cluster scaled.st -c tracy-widom --method kmeans",
        "but --clusters tracy-widom reads logarithms"
      ),
      ("sc-cluster none.st -c 3 --method sc3", "X: there are no values, which sc3 reads"),
    ])
  func refusals(_ command: String, _ complaint: String) throws {
    var scaled = try shell.object("pre.st")
    scaled.x = .dense(Matrix((0..<120).map { i in (0..<4).map { Float(i - 60 + $0) } }))
    scaled.var = Frame(index: (0..<4).map { "Gene\($0)" })
    scaled.layers = [:]
    scaled.obsm["X_pca"] = Matrix((0..<120).map { [Float($0)] })
    try shell.write(scaled, to: "scaled.st")
    var none = scaled
    none.x = nil
    try shell.write(none, to: "none.st")
    try shell.expectBadData(command, complaint)
  }
}
