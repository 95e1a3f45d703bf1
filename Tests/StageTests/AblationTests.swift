import CellData
import Foundation
import Testing

/// scTPF without one of its parts.
@Suite struct AblationTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run(
      "sc-preprocess -q in.st | sc-knn -q --components 10 | sc-pretrain -q --models 1 --epochs 4 -o m.st"
    )
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  /// The line of the run, and the names of the loss's terms.
  private func run(_ options: String, of model: String = "m.st") throws -> (
    line: String, terms: String
  ) {
    let outcome = try shell.run(
      "sc-cluster \(model) -c 3 --keep last --epochs 3 --update-interval 1 \(options) -o c.st")
    #expect(outcome.status == 0, "\(outcome.errors)")
    return (
      outcome.errors, try shell.object("c.st").settings["uns.loss.sctpf.cluster_terms"] ?? ""
    )
  }

  @Test("each switch leaves out its part and no other")
  func parts() throws {
    let terms = #"["total","adjacency","zinb","cluster"]"#
    let whole = try run("--min-epochs 3")
    #expect(whole.terms == terms && !whole.line.contains(" 0 edges added"), "\(whole)")
    #expect(!whole.line.contains("reliable 100.0 %"))
    let trusting = try run("--no-filter")
    #expect(trusting.terms == terms && !trusting.line.contains("reliable"), "\(trusting)")
    #expect(!trusting.line.contains(" 0 edges added") && trusting.line.contains("3 epochs"))
    let fixed = try run("--min-epochs 3 --no-transform")
    #expect(fixed.terms == terms && fixed.line.contains(" 0 edges added"), "\(fixed)")
    let ungraphed = try run("--min-epochs 3 --no-adjacency-loss")
    #expect(ungraphed.terms == #"["total","zinb","cluster"]"#, "\(ungraphed)")
  }

  @Test(
    "without a filter no cell counts as assessed, and the history names nothing that was not used")
  func unassessed() throws {
    _ = try run("")
    #expect(try shell.object("c.st").obs["reliability"] != nil)
    _ = try run("--no-filter --keep-snapshots", of: "c.st")
    let trusting = try shell.object("c.st")
    #expect(trusting.obs["reliability"] == nil)
    #expect(trusting.tensors["uns.snapshots.sctpf.3.latent"] != nil)
    #expect(trusting.tensors["uns.snapshots.sctpf.3.reliability"] == nil)
    let settings = try #require(trusting.history.last).settings
    #expect(settings["no_filter"] == "true" && settings["encode_over"] == "\"input\"")
    for name in ["margin", "latent_neighbors", "outlier_share"] { #expect(settings[name] == nil) }
    let figures = try shell.run("sc-eval c.st -q --diagnose --labels type --json")
    #expect(figures.status == 0 && figures.text.contains("\"gradients\""), "\(figures.errors)")
    _ = try run("--no-transform")
    let fixed = try #require(try shell.object("c.st").history.last).settings
    #expect(fixed["encode_over"] == nil && fixed["margin"] != nil)
  }

  @Test("without the clustering loss the training is that of a weight of 0")
  func unclustered() throws {
    let terms = try run("--no-cluster-loss").terms
    let bytes = try shell.data("c.st")
    #expect(try run("--gamma 0").terms == terms && shell.data("c.st") == bytes)
    let figures = try shell.run("sc-eval c.st -q --diagnose")
    #expect(figures.status == 0 && !figures.text.contains("lambda_fd\t0"), "\(figures)")
    for (options, complaint) in [
      ("--no-cluster-loss --gamma 1", "--gamma is for runs without --no-cluster-loss"),
      ("--no-cluster-loss --freeze-centers", "--freeze-centers is for runs without"),
      ("--gamma 0 --freeze-centers", "but the weight of the clustering loss is 0"),
    ] {
      let outcome = try shell.run("sc-cluster m.st -c 3 \(options) -o x.st")
      #expect(outcome.status == 64 && outcome.errors.contains(complaint), "\(outcome.errors)")
    }
  }

  @Test("the diagnosis leaves out what the training did")
  func diagnosis() throws {
    var figures: Set<String> = []
    for option in ["", "--no-transform", "--no-adjacency-loss"] {
      let outcome = try shell.run(
        "sc-cluster -q m.st -c 3 --keep last --epochs 1 --learning-rate 1e-12 \(option) | sc-eval -q --diagnose | grep lambda_fd"
      )
      #expect(outcome.status == 0, "\(outcome.errors)")
      figures.insert(outcome.text)
    }
    // The weights are the same in all three.
    #expect(figures.count == 3, "\(figures)")
  }

  @Test(
    "values in place of counts: one head, which clustering goes on with; the same bytes with any number of threads"
  )
  func values() throws {
    for preset in ["--models 2", "--preset paper", "--preset released"] {
      let outcome = try shell.run(
        """
        set -e
        for t in 1 2; do
          sc-pretrain -q -t $t m.st \(preset) --epochs 4 --no-counts-loss -o v$t.st
          sc-cluster -q -t $t v$t.st -c 3 --keep last --epochs 2 -o w$t.st
        done
        cmp v1.st v2.st; cmp w1.st w2.st; sc-eval -q --diagnose w1.st | grep lambda_fd
        """)
      #expect(outcome.status == 0 && outcome.text.contains("."), "\(preset): \(outcome.errors)")
      let (before, after) = (try shell.object("v1.st"), try shell.object("w1.st"))
      let terms = #""adjacency","values""#
      #expect(before.settings["uns.loss.sctpf.pretrain_terms"] == "[\"total\",\(terms)]")
      #expect(after.settings["uns.loss.sctpf.cluster_terms"] == "[\"total\",\(terms),\"cluster\"]")
      let loss = try #require(before.tensors["uns.loss.sctpf.pretrain"]?.matrix(Float.self))
      // A model that knows nothing has an error of 1.
      #expect(
        loss[3, 2] < loss[0, 2] && loss[3, 2] < 1.2, "\(preset): \(loss.elements.map(\.self))")
      for cells in [before, after] {
        let names = cells.tensors.keys.filter { $0.hasPrefix("model.sctpf.") }
        #expect(names.contains("model.sctpf.values.kernel"))
        #expect(!names.contains { $0.hasPrefix("model.sctpf.zinb") })
      }
      let settings = try #require(before.history.last).settings
      #expect(settings["no_counts_loss"] == "true" && settings["explains_input"] == nil)
    }
  }

  @Test("clustering can leave the counts' loss: the new head begins at the genes' means")
  func valuesLater() throws {
    let found = try run("--min-epochs 3 --no-counts-loss")
    #expect(found.terms == #"["total","adjacency","values","cluster"]"#, "\(found)")
    let cells = try shell.object("c.st")
    #expect(cells.history.last?.settings["no_counts_loss"] == "true")
    let loss = try #require(cells.tensors["uns.loss.sctpf.cluster"]?.matrix(Float.self))
    // Standardized by N − 1, the values of kept genes have a mean square of nearly 1.
    #expect(
      (0.9...1).contains(loss[0, 2]) && loss[2, 2] < loss[0, 2], "\(loss.elements.map(\.self))")
  }

  @Test("what the stored model has left out already is no option any more")
  func refused() throws {
    let outcome = try shell.run(
      "sc-pretrain -q m.st --models 1 --epochs 1 --no-adjacency-loss --no-counts-loss -o bare.st")
    #expect(outcome.status == 0, "\(outcome.errors)")
    for (option, complaint) in [
      (
        "--no-adjacency-loss",
        "--no-adjacency-loss is for models that explain the graph, but the adjacency loss is not part of the stored model."
      ),
      (
        "--no-counts-loss",
        "--no-counts-loss is for models that explain counts, but the loss of the counts is not part of the stored model."
      ),
    ] {
      let outcome = try shell.run("sc-cluster bare.st -c 3 \(option) -o x.st")
      #expect(outcome.status == 64 && outcome.errors.contains(complaint), "\(outcome.errors)")
      #expect(!shell.exists("x.st"))
    }
    let other = try shell.run("sc-pretrain m.st --model scemc --no-counts-loss -o x.st")
    #expect(other.status == 64 && other.errors.contains("is for the model sctpf"))
  }

  @Test("clustering goes on without the adjacency loss that pretraining left out")
  func remembered() throws {
    let outcome = try shell.run(
      "sc-pretrain -q m.st --models 1 --epochs 4 --no-adjacency-loss -o bare.st")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let bare = try shell.object("bare.st").settings
    #expect(bare["uns.loss.sctpf.pretrain_terms"] == #"["total","zinb"]"#)
    #expect(try run("--min-epochs 3", of: "bare.st").terms == #"["total","zinb","cluster"]"#)
  }
}
