import Foundation
import Testing

/// What stages say on standard error.
@Suite struct LogTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput()
  }

  private func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  @Test("--quiet says nothing, --verbose more")
  func levels() throws {
    #expect(try shell.run("sc-preprocess -q in.st -o out.st").errors.isEmpty)
    let normal = try shell.run("sc-preprocess in.st -o out.st").errors
    let verbose = try shell.run("sc-preprocess -v in.st -o out.st").errors
    #expect(normal.split(separator: "\n").count == 1)
    #expect(verbose.contains(normal) && verbose.contains("read 120 cells × 200 genes from in.st"))
    #expect(verbose.split(separator: "\n").allSatisfy { $0.hasPrefix("sc-preprocess: ") })
  }

  @Test("--log-format json writes one object per line, errors included")
  func json() throws {
    let outcome = try shell.run("sc-knn -v --log-format json in.st -o out.st")
    let lines = try objects(outcome.errors)
    #expect(lines.count >= 3)
    #expect(lines.allSatisfy { $0["stage"] as? String == "sc-knn" && $0["event"] is String })
    #expect(lines.allSatisfy { $0["seconds"] is Double })

    for (command, status) in [
      ("sc-knn --log-format=json nothing", 66), ("sc-knn --log-format json --nosuch", 64),
      ("sc-knn --log-format json /dev/null", 65),
    ] {
      let failed = try shell.run(command)
      let error = try #require(try objects(failed.errors).last)
      #expect(failed.status == Int32(status))
      #expect(error["event"] as? String == "error" && error["status"] as? Int == status)
      #expect(error["message"] is String)
    }
  }

  @Test("sc-eval ends its log with a line for machines too, whatever it was asked for")
  func evaluation() throws {
    try shell.run(
      "sc-knn -q in.st --neighbors 5 --components 5 | sc-cluster -q --method leiden -o c.st")
    for (options, key) in [
      ("", "modularity"), ("--compare c.st", "runs"), ("--history", "entries"),
    ] {
      let outcome = try shell.run("sc-eval c.st \(options) --log-format json")
      let last = try #require(try objects(outcome.errors).last)
      #expect(last["event"] as? String == "summary" && last["stage"] as? String == "sc-eval")
      #expect(last[key] is Double && last["seconds"] is Double, "\(outcome.errors)")
      #expect(try shell.run("sc-eval c.st \(options) -q --log-format json").errors.isEmpty)
      // Without codes the figures say which embedding is theirs; a run that is named twice counts
      // once.
      let said = try shell.run("sc-eval c.st \(options)").errors
      let line = options.isEmpty ? "no codes (X_latent)" : "is identical to"
      #expect(options == "--history" ? said.isEmpty : said.contains(line), "\(said)")
    }
  }

  @Test("no bar where standard error is no terminal")
  func progress() throws {
    #expect(!(try shell.run("sc-knn in.st -o out.st").errors.contains("\r")))
  }
}
