import Foundation
import Testing

/// All five stages in one pipe.
@Suite struct PipelineTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput()
  }

  private func pipeline(_ options: String, to output: String) -> String {
    """
    sc-preprocess -q in.st \(options) | sc-knn -q \(options) | sc-pretrain -q --epochs 15 \(options) \
      | sc-cluster -q --clusters 3 \(options) -o \(output)
    """
  }

  @Test("finds the three simulated types, with the same bytes for any number of threads")
  func clusters() throws {
    #expect(try shell.run(pipeline("-t 1", to: "one.st"), timeout: 120).status == 0)
    #expect(try shell.run(pipeline("-t 2", to: "two.st"), timeout: 120).status == 0)
    #expect(try shell.data("one.st") == shell.data("two.st"))
    let report = try shell.run("sc-eval one.st --labels type --json")
    let figures = try #require(
      try JSONSerialization.jsonObject(with: report.output) as? [String: Any])
    #expect(try #require(figures["acc"] as? Double) > 0.9)
    let history = try shell.run("sc-eval one.st --history")
    let tools = history.text.split(separator: "\n").dropFirst().map { $0.prefix { $0 != "\t" } }
    #expect(tools == ["sc-preprocess", "sc-knn", "sc-pretrain", "sc-cluster"])
  }

  @Test("the true labels change nothing that comes out")
  func noLeak() throws {
    #expect(try shell.run(pipeline("", to: "with.st"), timeout: 120).status == 0)
    try shell.writeInput { $0.obs["type"] = nil }
    #expect(try shell.run(pipeline("", to: "without.st"), timeout: 120).status == 0)
    let (with, without) = (try shell.object("with.st"), try shell.object("without.st"))
    for name in without.obs.columnNames { #expect(with.obs[name] == without.obs[name], "\(name)") }
    #expect(with.obs["type"] != nil && without.obs["cluster"] != nil)
    #expect(with.obsm == without.obsm)
  }

  @Test("a stage that fails is reported by all after it, and nothing is written")
  func failure() throws {
    let outcome = try shell.run(
      "sc-preprocess nothing.h5ad | sc-knn | sc-pretrain | sc-cluster --clusters 3 -o out.st")
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("sc-preprocess: nothing.h5ad: cannot be opened"))
    #expect(
      outcome.errors.contains(
        "sc-cluster: standard input: offset 0: no data arrived; check whether the previous stage failed"
      ))
    #expect(!shell.exists("out.st"))
  }
}
