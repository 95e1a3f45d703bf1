import CellData
import Foundation
import TensorStream
import Tensors
import Testing

/// scDeepCluster as users run it: from counts to clusters without a graph.
@Suite struct ScDeepClusterTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput()
  }

  private func pipeline(to output: String, running: String = "", _ preset: String = "") -> String {
    """
    sc-preprocess -q in.st | sc-pretrain -q --model scdeepcluster --batch-size 40 --epochs 20 \(preset) \(running) \
      | sc-cluster -q --clusters 3 --batch-size 40 --epochs 6 \(preset) \(running) -o \(output)
    """
  }

  @Test(
    "the pipe finds the types without a graph, with the same bytes for any number of threads",
    arguments: ["", "--preset paper", "--preset released"])
  func clusters(_ preset: String) throws {
    for (name, threads) in [("one.st", "-t 1"), ("two.st", "-t 2")] {
      let outcome = try shell.run(pipeline(to: name, running: threads, preset), timeout: 120)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try shell.data("one.st") == shell.data("two.st"))
    let report = try shell.figures("sc-eval one.st --labels type --json")
    #expect(try #require(report["acc"] as? Double) > 0.9)
    let result = try shell.object("one.st")
    #expect(result.obsm["X_latent"]?.columns == 32 && result.obsp.isEmpty)
    #expect(result.obs["confidence"] != nil && result.obs["reliability"] == nil)
    #expect(result.history.map(\.tool) == ["sc-preprocess", "sc-pretrain", "sc-cluster"])
    #expect(result.history[2].settings["method"] == "\"scdeepcluster\"")
    #expect(result.tensors["model.scdeepcluster.centers"]?.shape == [3, 32])
    let site = preset.contains("released") ? "\"input\"" : "\"encoder\""
    #expect(result.settings["uns.scdeepcluster.noise_site"] == site)
    #expect(try shell.leftovers.isEmpty)
  }

  @Test(
    "several models, a number that the graph shows, the filter, and the agreement of the losses")
  func everythingElse() throws {
    let outcome = try shell.run(
      """
      sc-preprocess -q in.st | sc-knn -q --components 10 \
        | sc-pretrain -q --model scdeepcluster --models 2 --batch-size 40 --epochs 10 -o m.st &&
      sc-cluster m.st --filter --keep-snapshots --batch-size 40 --epochs 4 --update-interval 2 -o c.st
      """, timeout: 120)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("scdeepcluster: "))
    let result = try shell.object("c.st")
    #expect(result.obsm["X_latent_1"] != nil && result.obs["reliability"] != nil)
    let report = try shell.figures("sc-eval c.st --labels type --diagnose --json")
    for name in ["lambda_fr", "lambda_fd"] {
      #expect((-1...1).contains(try #require(report[name] as? Double)), "\(name)")
    }
    #expect((report["gradients"] as? [String: [Double]])?["epoch"]?.first == 0)
  }

  @Test(
    "data without what it needs end with 65 and a line that says what",
    arguments: [
      ("sc-pretrain in.st --model scdeepcluster", "layers.counts: there are no raw counts"),
      (
        "sc-preprocess -q in.st | sc-cluster -c 3 --method scdeepcluster",
        "there is no model of scdeepcluster in the data"
      ),
      (
        "sc-preprocess -q in.st | sc-pretrain -q --model scdeepcluster --epochs 1 | sc-cluster -c 3 --start spectral",
        "obsp.distances: there is no graph of neighbors"
      ),
      (
        "sc-preprocess -q in.st | sc-pretrain -q --model scdeepcluster --epochs 1 | sc-cluster -c 121",
        "121 clusters (--clusters) for 120 cells"
      ),
    ])
  func refusals(_ command: String, _ complaint: String) throws {
    try shell.expectBadData(command, complaint)
  }

  @Test(
    "options that mean nothing for it end with 64",
    arguments: [
      ("sc-pretrain", "--hops 2"), ("sc-pretrain", "--second-noise 1"),
      ("sc-pretrain", "--latent-hops 1"), ("sc-pretrain", "--decay none"),
      ("sc-cluster", "--no-filter"), ("sc-cluster", "--phi 1"), ("sc-cluster", "--grid"),
      ("sc-cluster", "--preset paper:muraro"), ("sc-cluster", "--margin 0.5"),
    ])
  func meaningless(_ program: String, _ option: String) throws {
    try shell.expectMeaningless(option, of: program, with: "scdeepcluster", isNamedFirst: true)
  }
}
