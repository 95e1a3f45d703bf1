import Foundation
import Testing

/// What every program promises about its command line.
@Suite struct CommandLineTests {
  private static let shared: Set = [
    "--no-verify", "--threads", "--seed", "--quiet", "--verbose", "--progress", "--log-format",
    "--version", "--help", "--output", "--max-memory",
  ]
  private static let own: [String: Set<String>] = [
    "sc-preprocess": [
      "--format", "--samples", "--join", "--labels", "--transpose", "--orientation",
      "--genome", "--layer",
      "--make-unique", "--allow-noninteger", "--min-genes",
      "--min-counts", "--max-mito-fraction", "--min-cells-fraction", "--genes", "--hvg-flavor",
      "--no-scale", "--batch-key", "--subsample", "--second", "--rna", "--second-modality",
      "--second-transform", "--second-features", "--mad", "--qc", "--doublets",
      "--doublet-rate", "--doublet-threshold", "--drop-doublets", "--target-sum", "--only-variable",
      "--raw",
    ],
    "sc-knn": [
      "--format", "--neighbors", "--components", "--metric", "--method", "--use",
      "--modalities", "--second-weight", "--weights", "--recall",
      "--batch-key", "--integrate", "--theta",
    ],
    "sc-eval": [
      "--labels", "--clusters-column", "--ignore", "--ignore-label", "--use", "--json", "--plot",
      "--history",
      "--bootstrap", "--compare", "--figures", "--layout", "--layout-from", "--min-dist",
      "--perplexity", "--markers", "--branch-genes", "--marker-count", "--report", "--multiqc",
      "--sample",
      "--diagnose", "--curves", "--batch-key", "--color", "--markers-of", "--type-scores",
      "--type-names", "--compare-groups", "--replicate", "--base-group", "--group-genes",
    ],
  ]

  @Test("--help lists exactly the promised options", arguments: Shell.programs)
  func help(_ program: String) throws {
    let outcome = try Shell().run("\(program) --help")
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.text.contains("USAGE: \(program) [INPUT] [-o OUTPUT] [options]"))
    #expect(outcome.text.contains("EXAMPLES:\n  \(program)") || program == "sc-knn")
    let lines = outcome.text.split(separator: "\n").filter { $0.hasPrefix("  -") }
    let options = lines.flatMap { line in
      line.prefix(30).split { " ,/<".contains($0) }.filter { $0.hasPrefix("--") }.map(String.init)
    }
    #expect(Set(options) == Self.shared.union(Self.own[program] ?? []))
  }

  @Test(
    "--help begins with what most people need, and settings for experts come last",
    arguments: Shell.allPrograms)
  func groups(_ program: String) throws {
    let ablating: Set = ["sc-pretrain", "sc-cluster"]
    let (titles, entries) = try helpGroups(of: program)
    #expect(titles.first == "INPUT AND OUTPUT" && Set(titles).count == titles.count)
    #expect(!titles.contains("OPTIONS"), "\(program): \(titles)")
    #expect(titles.firstIndex(of: "MAIN OPTIONS") == 1)
    let shared = try #require(titles.firstIndex(of: "ALL STAGES"))
    for (place, title) in titles.enumerated() where place != shared {
      let isForExperts = title.hasPrefix("OPTIONS OF ") || title == "ABLATIONS"
      #expect(isForExperts == (place > shared), "\(program): \(title)")
    }
    #expect((titles.last == "ABLATIONS") == ablating.contains(program))
    let last = entries["ALL STAGES"]?.suffix(2)
    #expect(last?.map { $0.contains("--version") || $0.contains("-h, --help") } == [true, true])
    // The tables of the pages have the same groups.
    let tables = try Shell().run("\(program) --help-markdown").text.split(separator: "\n")
      .filter { $0.hasPrefix("### ") }.map { $0.dropFirst(4).uppercased() }
    #expect(tables == titles)
  }

  /// The titles of the groups in `--help`, and the first line of every option by group.
  private func helpGroups(of program: String) throws -> (
    titles: [String], entries: [String: [Substring]]
  ) {
    let text = try Shell().run("\(program) --help").text
    let usage = try #require(text.firstRange(of: "USAGE: ")).upperBound
    var titles: [String] = []
    var entries: [String: [Substring]] = [:]
    for line in text[usage...].split(separator: "\n").dropFirst() {
      if !line.hasPrefix(" ") {
        #expect(line.hasSuffix(":"), "\(line)")
        titles.append(String(line.dropLast()))
      } else if !line.hasPrefix("   "), let title = titles.last {
        entries[title, default: []].append(line)
      }
    }
    return (titles, entries)
  }

  @Test(
    "options that leave out a part are ablations", arguments: ["sc-pretrain", "sc-cluster"])
  func ablations(_ program: String) throws {
    let entries = try helpGroups(of: program).entries
    let names = entries.mapValues { lines in
      Set(lines.compactMap { $0.split(separator: " ").first { $0.hasPrefix("--no-") } })
    }
    #expect(names["ABLATIONS"]?.contains("--no-counts-loss") == true)
    let elsewhere = names.filter { $0.key != "ABLATIONS" }.values.reduce(into: Set()) {
      $0.formUnion($1)
    }
    #expect(elsewhere == ["--no-verify"])
    #expect(entries["MAIN OPTIONS"]?.contains { $0.hasPrefix("  --preset ") } == true)
  }

  @Test("--help has the shared options", arguments: Shell.allPrograms)
  func sharedHelp(_ program: String) throws {
    let outcome = try Shell().run("\(program) --help")
    #expect(outcome.status == 0)
    for option in Self.shared { #expect(outcome.text.contains(option), "\(option)") }
    // An example in two lines says so to the shell, so that both can be copied.
    let text = try #require(outcome.text.firstRange(of: "EXAMPLES:\n")).upperBound
    var isContinued = false
    for line in outcome.text[text...].split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty { break }
      #expect(line.hasPrefix(isContinued ? "    " : "  sc-"), "\(line)")
      isContinued = line.hasSuffix(" \\")
    }
  }

  @Test("-h fits on a screen and names the main options", arguments: Shell.allPrograms)
  func brief(_ program: String) throws {
    for arguments in ["-h", "nothing.h5ad -h"] {
      let outcome = try Shell().run("\(program) \(arguments)")
      #expect(outcome.status == 0)
      #expect(outcome.errors.isEmpty)
      let lines = outcome.text.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count <= 25 && lines.last == "", "\(lines.count - 1) lines")
      for line in lines { #expect(line.count <= 79, "\(line)") }
      for part in ["\(program): ", "Usage: \(program)", "<input>", "-o, --output", "--help"] {
        #expect(outcome.text.contains(part), "\(part)")
      }
    }
    #expect(try Shell().run("\(program) -h --help").text.contains("USAGE:"))
  }

  @Test("letters that are no options are not a call for help", arguments: Shell.allPrograms)
  func unknownLetters(_ program: String) throws {
    let outcome = try Shell().run("\(program) -m.h5ad")
    #expect(outcome.status == 64 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("Unknown option '-m.h5ad'; a file of that name is './-m.h5ad'"))
    #expect(try Shell().run("\(program) -qh").status == 0)
  }

  @Test("--help-markdown has every option of --help in a table", arguments: Shell.allPrograms)
  func markdown(_ program: String) throws {
    let outcome = try Shell().run("\(program) --help-markdown")
    #expect(outcome.status == 0)
    let rows = outcome.text.split(separator: "\n").filter { $0.hasPrefix("| `") }
    for option in try ProgramOption.all(of: program) {
      let matching = rows.filter { row in
        row.split(separator: "|")[0].split { " `,".contains($0) }.contains("--\(option.name)")
      }
      #expect(matching.count == 1, "\(option.name)")
    }
    // A bar that is not escaped would begin another cell.
    for row in rows {
      #expect(
        row.replacingOccurrences(of: "\\|", with: "").split(separator: "|").count == 3, "\(row)")
    }
  }

  @Test("a negative number is its option's, and out of its range", arguments: Shell.allPrograms)
  func negativeNumbers(_ program: String) throws {
    let options = try ProgramOption.all(of: program).filter { $0.range != nil }
    #expect(!options.isEmpty)
    for option in options {
      for number in ["-1", "-0.5", "-1e3"] {
        let outcome = try Shell().run("\(program) nothing.h5ad --\(option.name) \(number)")
        let first = outcome.errors.split(separator: "\n").first ?? ""
        #expect(outcome.status == 64)
        #expect(first.contains("--\(option.name)") && first.contains(number), "\(first)")
        #expect(!first.contains("Missing value"), "\(first)")
      }
    }
    for option in ["-t -2", "--seed -1", "--max-memory -8G"] {
      let outcome = try Shell().run("\(program) nothing.h5ad \(option)")
      #expect(
        outcome.status == 64 && !outcome.errors.contains("Missing value"), "\(outcome.errors)")
    }
  }

  @Test(arguments: Shell.allPrograms)
  func version(_ program: String) throws {
    let outcome = try Shell().run("\(program) --version")
    #expect(outcome.status == 0)
    #expect(outcome.text == "\(program) 0.2.0\n")
  }

  @Test("completion scripts", arguments: Shell.programs, ["bash", "zsh", "fish"])
  func completions(_ program: String, _ shell: String) throws {
    let outcome = try Shell().run("\(program) --generate-completion-script \(shell)")
    #expect(outcome.status == 0)
    #expect(outcome.text.contains("--log-format") || outcome.text.contains("log-format"))
  }

  @Test(
    "wrong usage ends with 64 and a line that says why",
    arguments: [
      ("sc-knn --nosuch", "--nosuch"), ("sc-knn a b", "b"), ("sc-knn --neighbors x", "x"),
      ("sc-knn --neighbors 0", "--neighbors 0"), ("sc-knn --components 0", "--components 0"),
      ("sc-knn --metric manhattan", "manhattan"), ("sc-knn --method nosuch", "nosuch"),
      ("sc-knn --threads 0", "--threads 0"), ("sc-knn -q -v", "--quiet"),
      ("sc-knn --seed -1", "--seed"), ("sc-preprocess --genes 0", "--genes"),
      ("sc-preprocess --min-cells-fraction 2", "--min-cells-fraction"),
      ("sc-eval --ignore a", "--labels"),
    ])
  func wrongUsage(_ command: String, _ complaint: String) throws {
    let outcome = try Shell().run(command)
    let program = command.prefix { $0 != " " }
    #expect(outcome.status == 64)
    #expect(outcome.output.isEmpty)
    let first = outcome.errors.split(separator: "\n").first ?? ""
    #expect(first.hasPrefix("\(program): ") && first.contains(complaint), "\(outcome.errors)")
    #expect(outcome.errors.contains("Usage: \(program)"))
  }

  @Test("a missing file ends with 66", arguments: Shell.allPrograms)
  func missingFile(_ program: String) throws {
    let outcome = try Shell().run("\(program) nothing.h5ad \(Shell.needed(by: program))")
    #expect(outcome.status == 66)
    #expect(
      outcome.errors
        == "\(program): nothing.h5ad: cannot be opened: No such file or directory; check the name and its permissions\n"
    )
  }

  @Test("names that are not UTF-8 work, and are escaped in messages")
  func strangeNames() throws {
    let shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run(
      #"mv in.st $'in\xff.st' && sc-preprocess $'in\xff.st' -o $'out\xfe\n.st' && sc-knn -q < $'out\xfe\n.st' | sc-eval --clusters-column type"#
    )
    #expect(outcome.status == 0, "\(outcome.errors)")
    let missing = try shell.run(#"sc-knn $'a\xff\nb\x1b[31m'"#)
    #expect(missing.status == 66)
    #expect(missing.errors.hasPrefix(#"sc-knn: a\xff\x0ab\x1b[31m: cannot be opened"#))
  }

  @Test("closed standard streams are reported, not fallen over")
  func closedStreams() throws {
    let shell = try Shell()
    try shell.writeInput()
    #expect(try shell.run("sc-knn <&-").status == 66)
    #expect(try shell.run("sc-preprocess in.st >&-").status == 74)
    #expect(try shell.run("sc-preprocess in.st -o out.st 2>&-").status == 0)
    #expect(try shell.run("sc-knn --help >&-").status == 74)
    #expect(try shell.run("sc-knn --help > /dev/full").status == 74)
  }

  @Test("short options take their number without a blank; former names of options work")
  func forms() throws {
    let shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run(
      """
      sc-preprocess -q in.st | sc-knn -q -t2 -n9 | sc-pretrain -q --restarts 1 --epochs=1 -o m.st &&
      sc-cluster -q m.st -c3 --confidence=0.4 --epochs 1 -o c.st
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let history = try shell.object("c.st").history
    #expect(history[1].settings["neighbors"] == "9")
    #expect(history[2].settings["models"] == "1" && history[3].settings["clusters"] == "3")
    #expect(history[3].settings["margin"] == "0.4")
  }
}
