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
    #expect(trusting.terms == terms && trusting.line.contains("reliable 100.0 %"), "\(trusting)")
    #expect(!trusting.line.contains(" 0 edges added") && trusting.line.contains("3 epochs"))
    let fixed = try run("--min-epochs 3 --no-transform")
    #expect(fixed.terms == terms && fixed.line.contains(" 0 edges added"), "\(fixed)")
    let ungraphed = try run("--min-epochs 3 --no-adjacency-loss")
    #expect(ungraphed.terms == #"["total","zinb","cluster"]"#, "\(ungraphed)")
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
