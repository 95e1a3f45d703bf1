import CellData
import Foundation
import TensorStream
import Tensors
import Testing

/// scMVAE as users run it: from paired measurements to clusters without a graph.
@Suite struct ScMVAETests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.write(PairedCells.object(), to: "in.st")
    try shell.write(SimulatedCells.object(), to: "rna.st")
    try shell.write(PairedCells.withPeaks(), to: "atac.st")
  }

  @Test(
    "the pipe finds the types without a graph, with the same bytes for any number of threads",
    arguments: [("in.st", ""), ("in.st", "--preset paper"), ("atac.st", "")])
  func clusters(_ input: String, _ preset: String) throws {
    for (name, threads) in [("one.st", "-t 1"), ("two.st", "-t 2")] {
      let outcome = try shell.run(
        """
        sc-preprocess -q \(input) \
          | sc-pretrain -q --model scmvae --batch-size 32 --epochs 80 --learning-rate 5e-3 \(preset) \(threads) \
          | sc-cluster -q --clusters 3 \(preset) \(threads) -o \(name)
        """, timeout: 240)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try shell.data("one.st") == shell.data("two.st"))
    let report = try shell.figures("sc-eval one.st --labels type --json")
    #expect(try #require(report["acc"] as? Double) > 0.9)
    let result = try shell.object("one.st")
    #expect(result.obsm["X_latent"]?.columns == 22 && result.obsp.isEmpty)
    #expect(result.obs["confidence"] != nil && result.obs["reliability"] == nil)
    #expect(result.history.map(\.tool) == ["sc-preprocess", "sc-pretrain", "sc-cluster"])
    #expect(result.history[2].settings["method"] == "\"scmvae\"")
    let kind = input == "atac.st" ? "bernoulli" : "zinb"
    #expect(result.history[1].settings["second_likelihood"] == "\"\(kind)\"")
    #expect(result.tensors["model.scmvae.centers"]?.shape == [3, 22])
    #expect(result.tensors["model.scmvae.prior.mean"]?.shape == [22, 22])
    #expect(
      result.settings["uns.loss.scmvae.pretrain_terms"]?.hasPrefix(
        "[\"total\",\"rna\",\"rna_library\",\"second\"") == true)
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("several models, other settings, and what is said of fit and diagnosis")
  func everythingElse() throws {
    let outcome = try shell.run(
      """
      set -e
      sc-preprocess -q in.st | sc-knn -q --components 10 -o k.st
      sc-pretrain k.st --model scmvae --models 2 --batch-size 32 --epochs 60 --latent 6 --mixture 4 \
        --counts-likelihood nb --rna-weight 2 --learning-rate 5e-3 -o m.st
      sc-cluster m.st -c auto -o c.st
      """, timeout: 120)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.errors.contains("scmvae: without clustering losses, the initial clusters are kept"))
    #expect(
      outcome.errors.contains(/\d % of the deviance of the RNA explained; .* of 'adt' explained/),
      "\(outcome.errors)")
    let result = try shell.object("c.st")
    #expect(result.obsm["X_latent"]?.columns == 6 && result.obsm["X_latent_1"]?.columns == 6)
    #expect(result.tensors["model.scmvae.second.dropout.bias"] == nil)
    #expect(result.tensors["model.scmvae.prior.logvar"]?.shape == [4, 6])
    #expect(result.history[2].settings["mixture"] == "4")
    let report = try shell.figures("sc-eval c.st --labels type --diagnose --json 2> remarks")
    #expect(report["lambda_fr"] as? Double == nil && report["lambda_fd"] as? Double == nil)
    let diagnosed = try shell.run("sc-eval c.st --diagnose")
    #expect(diagnosed.errors.contains("scmvae has no clustering loss"), "\(diagnosed.errors)")
  }

  @Test("a second modality without counts is explained by its values, peaks as open or closed")
  func kinds() throws {
    let outcome = try shell.run(
      """
      set -e
      sc-preprocess -q in.st -o p.st
      sc-preprocess -q atac.st | sc-pretrain --model scmvae --batch-size 32 --epochs 8 -o a.st
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("'atac' is treated as binary (open or closed peaks)"))
    let peaks = try shell.object("a.st")
    #expect(peaks.tensors["model.scmvae.second.peaks.bias"]?.shape == [1, 40])
    #expect(peaks.tensors["model.scmvae.second.library.mean.bias"] == nil)
    var cells = try shell.object("p.st")
    var second = try #require(cells.secondModality)
    second.data.layers = [:]
    cells.setSecondModality(second)
    try shell.write(cells, to: "v.st")
    let other = try shell.run(
      "sc-pretrain v.st --model scmvae --batch-size 32 --epochs 8 -o n.st && sc-cluster -q -c 3 n.st -o c.st"
    )
    #expect(other.status == 0, "\(other.errors)")
    #expect(other.errors.contains("'adt' has no counts"))
    #expect(try shell.object("c.st").tensors["model.scmvae.second.values.bias"]?.shape == [1, 12])
  }

  @Test(
    "data without what it needs end with 65 and a line that says what",
    arguments: [
      (
        "sc-pretrain in.st --model scmvae",
        "there is no second modality, which scmvae needs; 'adt' is not prepared: run sc-preprocess first"
      ),
      (
        "sc-preprocess -q rna.st | sc-pretrain --model scmvae",
        "there is no second modality, which scmvae needs; give sc-preprocess a file with one (or --second)"
      ),
      (
        "sc-preprocess -q in.st | sc-cluster -c 3 --method scmvae",
        "there is no model of scmvae in the data"
      ),
      (
        "sc-preprocess -q in.st | sc-pretrain -q --model scmvae --epochs 4 | sc-cluster -c 3 --start spectral",
        "obsp.distances: there is no graph of neighbors"
      ),
      (
        "sc-preprocess -q in.st --genes 30 | sc-pretrain -q --model scmvae --epochs 4 | sc-preprocess -q --genes 20 | sc-cluster -c 3 --method scmvae",
        "the model was trained on 30 genes, but the data have 20"
      ),
    ])
  func refusals(_ command: String, _ complaint: String) throws {
    try shell.expectBadData(command, complaint)
  }

  @Test("a model of more peaks than memory holds is refused before anything is read")
  func memory() throws {
    try shell.expectTooManyPeaks(for: "scmvae")
  }

  @Test(
    "options that mean nothing for it end with 64",
    arguments: [
      ("sc-pretrain", "--hops 2"), ("sc-pretrain", "--batch-size 0"),
      ("sc-pretrain", "--rna-noise 1"), ("sc-pretrain", "--codes rna"),
      ("sc-pretrain", "--cycles 2"), ("sc-pretrain", "--mixture 0"), ("sc-pretrain", "--latent 0"),
      ("sc-pretrain", "--patience 0 --tolerance 0.1"), ("sc-cluster", "--gamma 1"),
      ("sc-cluster", "--epochs 3"), ("sc-cluster", "--no-cluster-loss"),
      ("sc-cluster", "--second-clusters 2"),
    ])
  func meaningless(_ program: String, _ option: String) throws {
    try shell.expectMeaningless(option, of: program, with: "scmvae")
  }
}
