import CellData
import Foundation
import TensorStream
import Tensors
import Testing

/// scMDC as users run it: from paired measurements to clusters without a graph.
@Suite struct ScMDCTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.write(PairedCells.object(), to: "in.st")
    try shell.write(SimulatedCells.object(), to: "rna.st")
  }

  private func pipeline(to output: String, running: String = "", _ preset: String = "") -> String {
    """
    sc-preprocess -q in.st | sc-pretrain -q --model scmdc --batch-size 40 --epochs 20 \(preset) \(running) \
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
    #expect(result.obsm["X_latent"]?.columns == 16 && result.obsp.isEmpty)
    #expect(result.obs["confidence"] != nil && result.obs["reliability"] == nil)
    #expect(result.history.map(\.tool) == ["sc-preprocess", "sc-pretrain", "sc-cluster"])
    #expect(result.history[2].settings["method"] == "\"scmdc\"")
    #expect(result.tensors["model.scmdc.centers"]?.shape == [3, 16])
    #expect(result.settings["uns.scmdc.second_noise"] == "1.5")
    #expect(try shell.leftovers.isEmpty)
  }

  @Test(
    "several models, a number from the graph, the filter, and the agreement of the losses")
  func everythingElse() throws {
    let outcome = try shell.run(
      """
      sc-preprocess -q in.st | sc-knn -q --components 10 \
        | sc-pretrain -q --model scmdc --models 2 --batch-size 40 --epochs 10 -o m.st &&
      sc-cluster m.st --filter --keep-snapshots --batch-size 40 --epochs 4 --stable-share 0 -o c.st
      """, timeout: 120)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("scmdc: "))
    let result = try shell.object("c.st")
    #expect(result.obsm["X_latent_1"] != nil && result.obs["reliability"] != nil)
    let report = try shell.figures("sc-eval c.st --labels type --diagnose --json")
    for name in ["lambda_fr", "lambda_fd"] {
      #expect((-1...1).contains(try #require(report[name] as? Double)), "\(name)")
    }
    #expect((report["gradients"] as? [String: [Double]])?["epoch"]?.first == 0)
  }

  @Test("a switch takes both clustering losses away, and weights survive to sc-cluster")
  func terms() throws {
    let outcome = try shell.run(
      """
      set -e
      sc-preprocess -q in.st | sc-pretrain -q --model scmdc --epochs 4 --phi 0.5 --second-noise 1 -o m.st
      sc-cluster -q m.st -c 3 --epochs 2 --stable-share 0 --keep last -o c.st
      sc-cluster -q m.st -c 3 --epochs 2 --stable-share 0 --keep last --no-cluster-loss -o n.st
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let (whole, none) = (try shell.object("c.st"), try shell.object("n.st"))
    let terms = "uns.loss.scmdc.cluster_terms"
    #expect(whole.settings[terms] == "[\"total\",\"rna\",\"second\",\"pairs\",\"centers\"]")
    #expect(none.settings[terms] == "[\"total\",\"rna\",\"second\"]")
    #expect(whole.history.last?.settings["phi"] == "0.5")
    #expect(whole.history.last?.settings["second_noise"] == "1")
  }

  @Test(
    "data without what it needs end with 65 and a line that says what",
    arguments: [
      ("sc-pretrain in.st --model scmdc", "there is no second modality, which scmdc needs"),
      (
        "sc-preprocess -q rna.st | sc-pretrain --model scmdc",
        "there is no second modality, which scmdc needs; give sc-preprocess a file with one (or --second)"
      ),
      (
        "sc-preprocess -q in.st | sc-cluster -c 3 --method scmdc",
        "there is no model of scmdc in the data"
      ),
      (
        "sc-preprocess -q in.st | sc-pretrain -q --model scmdc --epochs 1 | sc-cluster -c 3 --start spectral",
        "obsp.distances: there is no graph of neighbors"
      ),
      (
        "sc-preprocess -q in.st | sc-pretrain -q --model scmdc --epochs 1 | sc-cluster -c 121",
        "121 clusters (--clusters) for 120 cells"
      ),
    ])
  func refusals(_ command: String, _ complaint: String) throws {
    try shell.expectBadData(command, complaint)
  }

  @Test(
    "options that mean nothing for it end with 64",
    arguments: [
      ("sc-pretrain", "--hops 2"), ("sc-pretrain", "--batch-size 0"),
      ("sc-pretrain", "--noise-site input"), ("sc-pretrain", "--patience 3"),
      ("sc-pretrain", "--rna-only"), ("sc-pretrain", "--no-skip"),
      ("sc-cluster", "--no-filter"), ("sc-cluster", "--batch-size 0"),
      ("sc-cluster", "--lambda-cluster 1"), ("sc-cluster", "--grid"),
      ("sc-cluster", "--preset paper:muraro"), ("sc-cluster", "--margin 0.5"),
      ("sc-cluster", "--phi 1 --no-cluster-loss"),
    ])
  func meaningless(_ program: String, _ option: String) throws {
    try shell.expectMeaningless(option, of: program, with: "scmdc", isNamedFirst: true)
  }
}
