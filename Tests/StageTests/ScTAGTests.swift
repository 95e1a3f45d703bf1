import CellData
import Foundation
import TensorStream
import Tensors
import Testing

/// scTAG as users run it.
@Suite struct ScTAGTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run("sc-preprocess -q in.st | sc-knn -q --components 10 -o knn.st")
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  @Test(
    "the pipe finds the types, with the same bytes for any number of threads",
    arguments: ["", "--preset paper", "--preset released"])
  func clusters(_ preset: String) throws {
    for (name, threads) in [("one.st", "-t 1"), ("two.st", "-t 2")] {
      let outcome = try shell.run(
        """
        sc-pretrain -q --model sctag --epochs 40 \(preset) \(threads) knn.st \
          | sc-cluster -q -c 3 --epochs 8 --keep-snapshots \(preset) \(threads) -o \(name)
        """, timeout: 120)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try shell.data("one.st") == shell.data("two.st"))
    let report = try shell.figures("sc-eval one.st --labels type --diagnose --json")
    #expect(try #require(report["acc"] as? Double) > 0.9)
    #expect(report["lambda_fr"] != nil && report["lambda_fd"] != nil)
    let result = try shell.object("one.st")
    #expect(result.obs["confidence"] != nil && result.obs["reliability"] == nil)
    #expect(result.history[3].settings["method"] == "\"sctag\"")
    #expect(result.tensors["model.sctag.centers"]?.shape == [3, 15])
  }

  @Test("it needs counts, a graph and a model of its own")
  func refusals() throws {
    for (command, complaint) in [
      ("sc-preprocess -q in.st | sc-pretrain --model sctag", "obsp.distances: there is no graph"),
      ("sc-pretrain in.st --model sctag", "layers.counts: there are no raw counts"),
      ("sc-cluster -c 3 --method sctag knn.st", "there is no model of sctag in the data"),
    ] {
      try shell.expectBadData(command, complaint)
    }
    for option in ["--no-filter", "--no-transform", "--rna-noise 1", "--grid"] {
      let outcome = try shell.run("sc-cluster -c 3 --method sctag \(option) knn.st > out.st")
      #expect(outcome.status == 64, "\(option)")
    }
  }
}
