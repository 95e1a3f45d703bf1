import CellData
import Foundation
import TensorStream
import Tensors
import Testing

/// DCCA as users run it: from paired measurements to clusters without a graph.
@Suite struct DCCATests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.write(PairedCells.object(), to: "in.st")
    try shell.write(SimulatedCells.object(), to: "rna.st")
    try shell.write(PairedCells.withPeaks(), to: "atac.st")
  }

  private func pipeline(
    _ input: String, to output: String, running: String = "", _ preset: String = ""
  ) -> String {
    """
    sc-preprocess -q \(input) | sc-pretrain -q --model dcca --batch-size 32 --epochs 150 \(preset) \(running) \
      | sc-cluster -q --clusters 3 \(preset) \(running) -o \(output)
    """
  }

  @Test(
    "the pipe finds the types without a graph, with the same bytes for any number of threads",
    arguments: [
      ("in.st", ""), ("in.st", "--preset paper"), ("atac.st", ""), ("atac.st", "--preset released"),
    ])
  func clusters(_ input: String, _ preset: String) throws {
    for (name, threads) in [("one.st", "-t 1"), ("two.st", "-t 2")] {
      let outcome = try shell.run(
        pipeline(input, to: name, running: threads, preset), timeout: 120)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try shell.data("one.st") == shell.data("two.st"))
    let report = try shell.figures("sc-eval one.st --labels type --json")
    #expect(try #require(report["acc"] as? Double) > 0.9)
    let result = try shell.object("one.st")
    #expect(result.obsm["X_latent"]?.columns == 20 && result.obsp.isEmpty)
    #expect(result.obs["confidence"] != nil && result.obs["reliability"] == nil)
    #expect(result.history.map(\.tool) == ["sc-preprocess", "sc-pretrain", "sc-cluster"])
    #expect(result.history[2].settings["method"] == "\"dcca\"")
    let kind = input == "atac.st" ? "bernoulli" : "nb"
    #expect(result.history[1].settings["second_likelihood"] == "\"\(kind)\"")
    #expect(result.tensors["model.dcca.centers"]?.shape == [3, 20])
    #expect(
      result.settings["uns.loss.dcca.pretrain_terms"]?.hasPrefix(
        "[\"total\",\"rna\",\"rna_kl\",\"held_out\"") == true)
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("several models, the codes of one modality, zero inflation, and what diagnosis says")
  func everythingElse() throws {
    let outcome = try shell.run(
      """
      set -e
      sc-preprocess -q in.st | sc-knn -q --components 10 -o k.st
      sc-pretrain k.st --model dcca --models 2 --batch-size 32 --epochs 30 --codes second --latent 6 \
        --counts-likelihood zinb --cycles 1 --rna-teaches 2 -o m.st
      sc-cluster m.st -c auto -o c.st
      """, timeout: 120)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.errors.contains("dcca: without clustering losses, the initial clusters are kept"))
    let result = try shell.object("c.st")
    #expect(result.obsm["X_latent"]?.columns == 6 && result.obsm["X_latent_1"]?.columns == 6)
    #expect(result.tensors["model.dcca.second.dropout.bias"]?.shape == [1, 12])
    #expect(result.settings["uns.dcca.codes"] == "\"second\"")
    let report = try shell.figures("sc-eval c.st --labels type --diagnose --json 2> remarks")
    #expect(report["lambda_fr"] as? Double == nil && report["lambda_fd"] as? Double == nil)
    let diagnosed = try shell.run(
      "sc-eval c.st --diagnose --plot p.svg --figures gradients --figures sizes")
    #expect(diagnosed.status == 0, "\(diagnosed.errors)")
    #expect(diagnosed.errors.contains("dcca has no clustering loss"), "\(diagnosed.errors)")
    #expect(
      diagnosed.errors.contains("it needs a model with a clustering loss"), "\(diagnosed.errors)")
    #expect(!diagnosed.errors.contains("--labels"), "\(diagnosed.errors)")
  }

  @Test("how much both modalities' counts are explained is said, and warned of where it is little")
  func fit() throws {
    let outcome = try shell.run(
      """
      set -e
      sc-preprocess -q atac.st -o p.st
      sc-pretrain p.st --model dcca --batch-size 32 --epochs 150 -o m.st
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.errors.contains(/\d % of the deviance of the RNA explained; .* of 'atac' explained/),
      "\(outcome.errors)")
    #expect(!outcome.errors.contains("warning"), "\(outcome.errors)")
    for model in ["dcca", "scmcs"] {
      let short = try shell.run(
        "sc-pretrain p.st --model \(model) --batch-size 32 --epochs 6 --learning-rate 1e-7 -o m.st")
      #expect(short.status == 0, "\(short.errors)")
      for name in ["the RNA", "'atac'"] {
        #expect(
          short.errors.contains("of the deviance of \(name) that its features' means leave"),
          "\(short.errors)")
      }
    }
  }

  @Test("a second modality without counts is explained by its values")
  func values() throws {
    let outcome = try shell.run(
      """
      set -e
      sc-preprocess -q in.st -o p.st
      sc-pretrain p.st --model dcca --batch-size 32 --epochs 20 -o m.st
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    var cells = try shell.object("p.st")
    var second = try #require(cells.secondModality)
    second.data.layers = [:]
    cells.setSecondModality(second)
    try shell.write(cells, to: "v.st")
    let other = try shell.run(
      "sc-pretrain v.st --model dcca --batch-size 32 --epochs 20 -o n.st && sc-cluster -q -c 3 n.st -o c.st"
    )
    #expect(other.status == 0, "\(other.errors)")
    #expect(other.errors.contains("'adt' has no counts"))
    #expect(try shell.object("c.st").tensors["model.dcca.second.values.bias"]?.shape == [1, 12])
    // A model of counts meets cells without.
    var mixed = try shell.object("m.st")
    mixed.setSecondModality(second)
    try shell.write(mixed, to: "x.st")
    let refused = try shell.run("sc-cluster -q -c 3 x.st -o y.st")
    #expect(refused.status == 65)
    #expect(refused.errors.contains("explains 'adt' as counts"), "\(refused.errors)")
  }

  @Test(
    "data without what it needs end with 65 and a line that says what",
    arguments: [
      (
        "sc-pretrain in.st --model dcca",
        "there is no second modality, which dcca needs; 'adt' is not prepared: run sc-preprocess first"
      ),
      (
        "sc-preprocess -q in.st --second-modality none | sc-pretrain --model dcca",
        "there is no second modality, which dcca needs; 'adt' was left out: run sc-preprocess with --second-modality 'adt'"
      ),
      (
        "sc-preprocess -q rna.st | sc-pretrain --model dcca",
        "there is no second modality, which dcca needs; give sc-preprocess a file with one (or --second)"
      ),
      (
        "sc-preprocess -q in.st | sc-cluster -c 3 --method dcca",
        "there is no model of dcca in the data"
      ),
      (
        "sc-preprocess -q in.st | sc-pretrain -q --model dcca --epochs 4 | sc-cluster -c 3 --start spectral",
        "obsp.distances: there is no graph of neighbors"
      ),
      (
        "sc-preprocess -q in.st | sc-pretrain -q --model dcca --epochs 4 | sc-cluster -c 121",
        "121 clusters (--clusters) for 120 cells"
      ),
      (
        "sc-preprocess -q in.st --genes 30 | sc-pretrain -q --model dcca --epochs 4 | sc-preprocess -q --genes 20 | sc-cluster -c 3 --method dcca",
        "the model was trained on 30 genes, but the data have 20"
      ),
    ])
  func refusals(_ command: String, _ complaint: String) throws {
    try shell.expectBadData(command, complaint)
  }

  @Test("a model of peaks is not one of proteins")
  func otherSecond() throws {
    let outcome = try shell.run(
      """
      set -e
      sc-preprocess -q atac.st | sc-pretrain -q --model dcca --epochs 4 -o m.st
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    var cells = try shell.object("m.st")
    var second = try #require(cells.secondModality)
    second.data.featureKind = .proteins
    cells.setSecondModality(second)
    try shell.write(cells, to: "x.st")
    let refused = try shell.run("sc-cluster -q -c 3 x.st -o y.st")
    #expect(refused.status == 65)
    #expect(
      refused.errors.contains("the model explains 'atac' as peaks, but the data have counts"),
      "\(refused.errors)")
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("a model of more peaks than memory holds is refused before anything is read")
  func memory() throws {
    try shell.expectTooManyPeaks(for: "dcca")
  }

  @Test(
    "options that mean nothing for it end with 64",
    arguments: [
      ("sc-pretrain", "--hops 2"), ("sc-pretrain", "--batch-size 0"),
      ("sc-pretrain", "--noise-site input"), ("sc-pretrain", "--rna-noise 1"),
      ("sc-pretrain", "--rna-only"), ("sc-pretrain", "--phi 1"), ("sc-pretrain", "--latent 0"),
      ("sc-pretrain", "--cycles 0 --rna-teaches 1"),
      ("sc-pretrain", "--cycles 1 --second-teaches 1"),
      ("sc-pretrain", "--patience 0 --tolerance 0.1"), ("sc-pretrain", "--codes both"),
      ("sc-cluster", "--gamma 1"), ("sc-cluster", "--epochs 3"), ("sc-cluster", "--filter"),
      ("sc-cluster", "--keep last"), ("sc-cluster", "--keep-snapshots"),
      ("sc-cluster", "--no-cluster-loss"), ("sc-cluster", "--freeze-centers"),
      ("sc-cluster", "--preset paper:muraro"),
    ])
  func meaningless(_ program: String, _ option: String) throws {
    try shell.expectMeaningless(option, of: program, with: "dcca")
  }

  @Test("what belongs to a clustering loss is refused in plain words")
  func noClusteringLoss() throws {
    let outcome = try shell.run("sc-cluster -c 3 --method dcca --gamma 1 in.st > out.st")
    #expect(
      outcome.errors.contains(
        "--gamma is for runs with a clustering loss, but dcca has none: its initial clusters are the result."
      ), "\(outcome.errors)")
  }
}
