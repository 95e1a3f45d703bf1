import CellData
import Foundation
import TensorStream
import Tensors
import Testing

/// DESC as users run it: from values to clusters without counts and without a graph.
@Suite struct DESCTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput()
  }

  @Test(
    "the pipe finds the types without counts or graph, with the same bytes for any number of threads",
    arguments: ["", "--preset paper"])
  func clusters(_ preset: String) throws {
    for (name, threads) in [("one.st", "-t 1"), ("two.st", "-t 2")] {
      let outcome = try shell.run(
        """
        sc-preprocess -q in.st -o pre.st && sc-pretrain -q pre.st --model desc --epochs 60 --batch-size 40 \(preset) \(threads) \
          | sc-cluster -q --clusters 3 --batch-size 40 --epochs 10 \(preset) \(threads) -o \(name)
        """, timeout: 120)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try shell.data("one.st") == shell.data("two.st"))
    let report = try shell.figures("sc-eval one.st --labels type --json")
    #expect(try #require(report["acc"] as? Double) > 0.9)
    let result = try shell.object("one.st")
    #expect(result.obsm["X_latent"]?.columns == 16 && result.obsp.isEmpty)
    #expect(result.obs["confidence"] != nil && result.obs["reliability"] == nil)
    #expect(result.history[2].settings["method"] == "\"desc\"")
    #expect(result.tensors["model.desc.centers"]?.shape == [3, 16])
    #expect(result.settings["uns.desc.output_layer"] == "\"tanh\"")
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("values without counts are enough")
  func withoutCounts() throws {
    let made = try shell.run("sc-preprocess -q in.st -o pre.st")
    #expect(made.status == 0, "\(made.errors)")
    var cells = try shell.object("pre.st")
    cells.layers = [:]
    cells.obs["size_factors"] = nil
    try shell.write(cells, to: "bare.st")
    let outcome = try shell.run(
      "sc-pretrain bare.st --model desc --epochs 12 | sc-cluster -c 3 -o out.st", timeout: 120)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try shell.object("out.st").obs["cluster"] != nil)
  }

  @Test("the resolution shows how many clusters there are, and the paper's preset has one")
  func resolution() throws {
    let outcome = try shell.run(
      "sc-preprocess -q in.st | sc-pretrain -q --model desc --epochs 60 --batch-size 40 -o m.st",
      timeout: 120)
    #expect(outcome.status == 0, "\(outcome.errors)")
    func count(_ options: String) throws -> (clusters: Int, resolution: String?) {
      let run = try shell.run("sc-cluster m.st \(options) --epochs 5 -o out.st", timeout: 120)
      #expect(run.status == 0, "\(run.errors)")
      let settings = try shell.object("out.st").history[2].settings
      return (Int(settings["clusters"] ?? "") ?? 0, settings["resolution"])
    }
    let (few, many) = (try count("--resolution 0.1"), try count("--resolution 6"))
    #expect(few.clusters < many.clusters && few.resolution == "0.1")
    #expect(try count("--preset paper").resolution == "0.8")
    #expect(try count("-c 4 --preset paper").resolution == nil)
  }

  @Test(
    "several models, a number that the graph shows, the filter, and the agreement of the losses")
  func everythingElse() throws {
    let outcome = try shell.run(
      """
      sc-preprocess -q in.st | sc-knn -q --components 10 \
        | sc-pretrain -q --model desc --models 2 --batch-size 40 --epochs 24 --output-layer linear -o m.st &&
      sc-cluster m.st --filter --keep-snapshots --batch-size 40 --epochs 4 --update-interval 2 -o c.st
      """, timeout: 120)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("desc: "))
    let result = try shell.object("c.st")
    #expect(result.obsm["X_latent_1"] != nil && result.obs["reliability"] != nil)
    #expect(result.settings["uns.desc.output_layer"] == "\"linear\"")
    let report = try shell.figures("sc-eval c.st --labels type --diagnose --json")
    #expect((-1...1).contains(try #require(report["lambda_fr"] as? Double)))
    // There is no reconstruction to drift from.
    #expect(!(report["lambda_fd"] is Double))
  }

  @Test("without its only loss the initial clusters are the result")
  func withoutLoss() throws {
    let outcome = try shell.run(
      """
      sc-preprocess -q in.st | sc-pretrain -q --model desc --epochs 12 -o m.st &&
      sc-cluster m.st -c 3 --no-cluster-loss -o a.st && sc-cluster m.st -c 3 --gamma 0 -o b.st
      """, timeout: 120)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("the initial clusters are kept"))
    let (a, b) = (try shell.object("a.st"), try shell.object("b.st"))
    #expect(a.obs["cluster"] == b.obs["cluster"])
  }

  @Test(
    "data without what it needs end with 65 and a line that says what",
    arguments: [
      (
        "sc-preprocess -q in.st | sc-cluster -c 3 --method desc",
        "there is no model of desc in the data"
      ),
      (
        "sc-preprocess -q in.st | sc-pretrain -q --model desc --epochs 12 | sc-cluster -c 3 --start spectral",
        "obsp.distances: there is no graph of neighbors"
      ),
      (
        "sc-preprocess -q in.st | sc-pretrain -q --model desc --epochs 12 | sc-cluster -c 121",
        "121 clusters (--clusters) for 120 cells"
      ),
    ])
  func refusals(_ command: String, _ complaint: String) throws {
    let outcome = try shell.run("\(command) > out.st", timeout: 120)
    #expect(outcome.status == 65)
    let lines = outcome.errors.split(separator: "\n").filter { $0.contains(complaint) }
    #expect(lines.count == 1, "\(outcome.errors)")
    #expect(try shell.data("out.st").isEmpty)
  }

  @Test(
    "options that mean nothing for it end with 64",
    arguments: [
      ("sc-pretrain", "--hops 2"), ("sc-pretrain", "--rna-noise 1"),
      ("sc-pretrain", "--noise-site input"), ("sc-pretrain", "--decay none"),
      ("sc-cluster", "--no-filter"), ("sc-cluster", "--rna-noise 1"), ("sc-cluster", "--grid"),
      ("sc-cluster", "--preset paper:muraro"), ("sc-cluster", "--resolution 1"),
    ])
  func meaningless(_ program: String, _ option: String) throws {
    try shell.expectMeaningless(option, of: program, with: "desc", isNamedFirst: true)
  }
}
