import CellData
import Foundation
import TensorStream
import Tensors
import Testing

/// scMCs as users run it: from paired measurements to clusters without a graph.
@Suite struct ScMCsTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.write(PairedCells.object(), to: "in.st")
    try shell.write(SimulatedCells.object(), to: "rna.st")
    try shell.write(PairedCells.withPeaks(), to: "atac.st")
  }

  private func pipeline(
    _ input: String, to output: String, running: String = "", _ preset: String = "",
    _ clustering: String = ""
  ) -> String {
    // Two hundredths of the paper's steps need larger ones.
    let rate = preset.isEmpty ? "" : "--learning-rate 2e-3"
    return """
      sc-preprocess -q \(input) \
        | sc-pretrain -q --model scmcs --epochs 120 \(preset) \(preset.isEmpty ? "--batch-size 32" : rate) \(running) \
        | sc-cluster -q --clusters 3 \(preset) \(clustering) \(running) -o \(output)
      """
  }

  @Test(
    "the pipe finds the types without a graph, with the same bytes for any number of threads",
    arguments: [
      ("in.st", "", ""), ("in.st", "--preset paper", ""), ("atac.st", "", ""),
      ("atac.st", "", "--second-clusters 2"),
    ])
  func clusters(_ input: String, _ preset: String, _ clustering: String) throws {
    for (name, threads) in [("one.st", "-t 1"), ("two.st", "-t 2")] {
      let outcome = try shell.run(
        pipeline(input, to: name, running: threads, preset, clustering), timeout: 240)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try shell.data("one.st") == shell.data("two.st"))
    let result = try shell.object("one.st")
    if clustering.isEmpty {
      let report = try shell.figures("sc-eval one.st --labels type --json")
      #expect(try #require(report["acc"] as? Double) > 0.9)
      #expect(result.obs["cluster_second"] == nil)
    } else {
      #expect(result.obs["cluster_second"]?.classes?.names == ["0", "1"])
      #expect(result.history[2].settings["second_clusters"] == "2")
    }
    #expect(result.obsm["X_latent"]?.columns == 16 && result.obsp.isEmpty)
    #expect(result.obs["confidence"] != nil && result.obs["reliability"] == nil)
    #expect(result.history.map(\.tool) == ["sc-preprocess", "sc-pretrain", "sc-cluster"])
    #expect(result.history[2].settings["method"] == "\"scmcs\"")
    let kind = input == "atac.st" ? "bernoulli" : "zinb"
    #expect(result.history[1].settings["second_likelihood"] == "\"\(kind)\"")
    #expect(result.tensors["model.scmcs.centers"]?.shape == [3, 16])
    let terms = try #require(result.settings["uns.loss.scmcs.pretrain_terms"])
    #expect(terms.hasPrefix("[\"total\",\"rna\""))
    #expect(terms.contains("held_out") == preset.isEmpty)
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("several models, other weights, and what diagnosis says")
  func everythingElse() throws {
    let outcome = try shell.run(
      """
      set -e
      sc-preprocess -q in.st | sc-knn -q --components 10 -o k.st
      sc-pretrain k.st --model scmcs --models 2 --batch-size 32 --epochs 30 --second-share 0.5 \
        --second-weight 0.2 --contrast 0 -o m.st
      sc-cluster m.st -c auto -o c.st
      """, timeout: 120)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.errors.contains("scmcs: without clustering losses, the initial clusters are kept"))
    let result = try shell.object("c.st")
    #expect(result.obsm["X_latent"]?.columns == 16 && result.obsm["X_latent_1"]?.columns == 16)
    #expect(result.tensors["model.scmcs.second.dropout.bias"]?.shape == [1, 12])
    #expect(result.settings["uns.scmcs.second_share"] == "0.5")
    let report = try shell.figures("sc-eval c.st --labels type --diagnose --json 2> remarks")
    #expect(report["lambda_fr"] as? Double == nil && report["lambda_fd"] as? Double == nil)
  }

  @Test("a second clustering goes with the first, and away with it")
  func secondClustering() throws {
    let outcome = try shell.run(
      """
      set -e
      sc-preprocess -q atac.st | sc-pretrain -q --model scmcs --batch-size 32 --epochs 60 -o m.st
      sc-cluster m.st -c 3 --second-clusters 2 --key-added types -o c.st
      sc-cluster -q c.st -c 3 --key-added types -o d.st
      """, timeout: 120)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("obs/types_second has 2 clusters"), "\(outcome.errors)")
    let both = try shell.object("c.st")
    #expect(both.obs["types"]?.classes?.names.count == 3)
    #expect(both.obs["types_second"]?.classes?.names.count == 2)
    let one = try shell.object("d.st")
    #expect(one.obs["types"] != nil && one.obs["types_second"] == nil)
    let refused = try shell.run("sc-cluster -q m.st -c 3 --second-clusters 121 -o e.st")
    #expect(refused.status == 65)
    #expect(
      refused.errors.contains("121 clusters (--second-clusters) for 120 cells"), "\(refused.errors)"
    )
  }

  @Test("a second modality without counts is explained by its values")
  func values() throws {
    let outcome = try shell.run("sc-preprocess -q in.st -o p.st")
    #expect(outcome.status == 0, "\(outcome.errors)")
    var cells = try shell.object("p.st")
    var second = try #require(cells.secondModality)
    second.data.layers = [:]
    cells.setSecondModality(second)
    try shell.write(cells, to: "v.st")
    let other = try shell.run(
      "sc-pretrain v.st --model scmcs --batch-size 32 --epochs 12 -o n.st && sc-cluster -q -c 3 n.st -o c.st"
    )
    #expect(other.status == 0, "\(other.errors)")
    #expect(other.errors.contains("'adt' has no counts"))
    #expect(try shell.object("c.st").tensors["model.scmcs.second.values.bias"]?.shape == [1, 12])
  }

  @Test(
    "data without what it needs end with 65 and a line that says what",
    arguments: [
      (
        "sc-preprocess -q rna.st | sc-pretrain --model scmcs",
        "there is no second modality, which scmcs needs; give sc-preprocess a file with one (or --second)"
      ),
      (
        "sc-preprocess -q in.st | sc-cluster -c 3 --method scmcs",
        "there is no model of scmcs in the data"
      ),
      (
        "sc-preprocess -q in.st | sc-pretrain -q --model scmcs --epochs 3 | sc-cluster -c 3 --start spectral",
        "obsp.distances: there is no graph of neighbors"
      ),
      (
        "sc-preprocess -q in.st --genes 30 | sc-pretrain -q --model scmcs --epochs 3 | sc-preprocess -q --genes 20 | sc-cluster -c 3 --method scmcs",
        "the model was trained on 30 genes, but the data have 20"
      ),
    ])
  func refusals(_ command: String, _ complaint: String) throws {
    try shell.expectBadData(command, complaint)
  }

  @Test("a model of more peaks than memory holds is refused before anything is read")
  func memory() throws {
    try shell.write(PairedCells.withManyPeaks(), to: "wide.st")
    let command = "sc-pretrain --model scmcs --preset paper --max-memory 1G"
    let outcome = try shell.run("\(command) wide.st > out.st")
    #expect(outcome.status == 71)
    #expect(outcome.errors.contains("not enough memory"), "\(outcome.errors)")
    // With few peaks memory suffices, and something else is missing.
    #expect(try shell.run("\(command) atac.st > out.st").status == 65)
  }

  @Test("more cells than can attend to each other are refused, and what does instead is said")
  func manyCells() throws {
    let count = 20_001
    var generator = RandomGenerator(seed: 5)
    let rows = (0..<count).map { _ in [Float(1), 0, generator.uniform() < 0.5 ? 2 : 1] }
    let cells = CellData(
      obs: Frame(index: (0..<count).map { "c\($0)" }), var: Frame(index: ["a", "b", "c"]),
      x: .sparse(SparseMatrix(Matrix(rows))))
    try shell.write(cells, to: "many.st")
    let outcome = try shell.run(
      "sc-pretrain many.st --model scmcs --preset paper --max-memory 60G > out.st")
    #expect(outcome.status == 71, "\(outcome.errors)")
    #expect(
      outcome.errors.contains(
        "20001 cells would attend to each other in each step; the maximum is 20000; give --batch-size 128, or --sketch 20000"
      ), "\(outcome.errors)")
  }

  @Test(
    "options that mean nothing for it end with 64",
    arguments: [
      ("sc-pretrain", "--hops 2"), ("sc-pretrain", "--latent 4"), ("sc-pretrain", "--rna-noise 1"),
      ("sc-pretrain", "--rna-only"), ("sc-pretrain", "--cycles 1"),
      ("sc-pretrain", "--contrast -1"),
      ("sc-pretrain", "--patience 0 --tolerance 0.1"), ("sc-cluster", "--gamma 1"),
      ("sc-cluster", "--epochs 3"), ("sc-cluster", "--filter"), ("sc-cluster", "--keep last"),
      ("sc-cluster", "--no-cluster-loss"), ("sc-cluster", "--second-clusters 1"),
    ])
  func meaningless(_ program: String, _ option: String) throws {
    try shell.expectMeaningless(option, of: program, with: "scmcs")
  }

  @Test("a second clustering is for scmcs alone")
  func othersHaveOne() throws {
    let outcome = try shell.run("sc-cluster -c 3 --method dcca --second-clusters 2 in.st > out.st")
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("--second-clusters is for the method scmcs"))
  }
}
