import CellData
import Foundation
import Tensors
import Testing

/// What a stage does with data that is damaged, empty or of another kind.
@Suite struct InputTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput()
  }

  /// Runs a stage on `bad.st` as a file and through a pipe: 65, one line on standard error, nothing
  /// written.
  private func expectRefusal(
    _ program: String, _ bytes: Data, _ what: String, throughPipe: Bool,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try shell.write(bytes, to: "bad.st")
    let target =
      program == "sc-eval"
      ? "--clusters-column type" : "-o out.st \(Shell.needed(by: program))"
    let outcome = try shell.run(
      throughPipe ? "cat bad.st 2>/dev/null | \(program) \(target)" : "\(program) bad.st \(target)",
      timeout: 10
    )
    let name = throughPipe ? "standard input" : "bad.st"
    #expect(outcome.status == 65, "\(what): \(outcome.errors)", sourceLocation: sourceLocation)
    #expect(
      outcome.errors.hasPrefix("\(program): \(name): ") && outcome.errors.hasSuffix("\n")
        && outcome.errors.split(separator: "\n").count == 1,
      "\(what): \(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output.isEmpty, "\(what)", sourceLocation: sourceLocation)
    #expect(!shell.exists("out.st"), "\(what)", sourceLocation: sourceLocation)
  }

  @Test("an empty input is bad data", arguments: Shell.allPrograms, [false, true])
  func empty(_ program: String, _ throughPipe: Bool) throws {
    try expectRefusal(program, Data(), "empty", throughPipe: throughPipe)
  }

  @Test("a stream cut anywhere is bad data", arguments: Shell.allPrograms)
  func truncated(_ program: String) throws {
    let whole = try shell.data("in.st")
    var cuts = [1, 7, 8, 9, 15, 16, 17, 64, whole.count - 1]
    cuts += (1..<12).map { whole.count * $0 / 12 }
    for (i, cut) in cuts.enumerated() {
      try expectRefusal(
        program, whole.prefix(cut), "cut at \(cut)", throughPipe: i.isMultiple(of: 2))
    }
  }

  @Test("a flipped bit anywhere is bad data", arguments: Shell.allPrograms)
  func flipped(_ program: String) throws {
    let whole = try shell.data("in.st")
    var generator = RandomGenerator(seed: 11)
    for i in 0..<20 {
      var bytes = whole
      // Half of them in the header.
      let position = generator.integer(below: i.isMultiple(of: 2) ? 1500 : whole.count)
      let bit = generator.integer(below: 8)
      bytes[position] ^= 1 << UInt8(bit)
      try expectRefusal(
        program, bytes, "bit \(bit) of byte \(position)", throughPipe: i % 4 < 2)
    }
  }

  @Test("a stream with more after its end is bad data", arguments: Shell.programs, [false, true])
  func trailing(_ program: String, _ throughPipe: Bool) throws {
    let whole = try shell.data("in.st")
    try expectRefusal(program, whole + [0], "a byte more", throughPipe: throughPipe)
    try expectRefusal(program, whole + whole, "two streams", throughPipe: throughPipe)
  }

  @Test(
    "headers that claim absurd sizes are refused at once",
    arguments: [1 << 63, 1 << 32, 99_999_999, 0] as [UInt64])
  func absurdHeader(_ size: UInt64) throws {
    let length = (0..<8).map { UInt8(truncatingIfNeeded: size >> (8 * UInt64($0))) }
    let bytes = Data(length + "{}      ".utf8)
    for throughPipe in [false, true] {
      try expectRefusal("sc-knn", bytes, "header of \(size) bytes", throughPipe: throughPipe)
    }
  }

  @Test(
    "bytes that are nothing known are bad data",
    arguments: ["%PDF-1.7\n%\u{1}\u{2}", "{\"a\":1}", "PK\u{3}\u{4}"])
  func unknown(_ text: String) throws {
    for throughPipe in [false, true] {
      try expectRefusal("sc-knn", Data(text.utf8), text, throughPipe: throughPipe)
    }
  }

  @Test("a folder without data is bad data, or no input")
  func folder() throws {
    let outcome = try shell.run("mkdir empty; sc-preprocess empty -o out.st")
    #expect([65, 66].contains(outcome.status))
    #expect(outcome.errors.hasPrefix("sc-preprocess: empty: "))
    #expect(!shell.exists("out.st"))
  }

  @Test("values that are no counts are refused, naming cell and gene")
  func badCounts() throws {
    for (value, word) in [(Float(-1), "negative"), (2.5, "not an integer"), (0x1p25, "2^24")] {
      try shell.writeInput { cells in
        var x = cells.x?.sparse()
        x?.values[5] = value
        cells.x = x.map(MatrixValues.sparse)
      }
      let outcome = try shell.run("sc-preprocess in.st -o out.st")
      #expect(outcome.status == 65)
      #expect(
        outcome.errors.hasPrefix("sc-preprocess: in.st: cell 'cell-0', gene 'Gene")
          && outcome.errors.contains(word), "\(outcome.errors)")
    }
    #expect(try shell.run("sc-preprocess in.st --allow-noninteger -o out.st").status == 65)
    #expect(!shell.exists("out.st"))
  }

  @Test("text, folders and AnnData give the same cells as the stream")
  func formats() throws {
    try shell.write(SimulatedCells.table, to: "in.csv")
    #expect(try shell.run("sc-preprocess -q in.csv -o text.st").status == 0)
    #expect(try shell.run("cat in.csv | sc-preprocess -q -o piped.st").status == 0)
    #expect(try shell.run("gzip -c in.csv | sc-preprocess -q -o zipped.st").status == 0)
    #expect(try shell.run("sc-preprocess -q in.st -o stream.st").status == 0)
    let expected = try shell.object("stream.st")
    for name in ["text.st", "piped.st", "zipped.st"] {
      let got = try shell.object(name)
      #expect(got.x == expected.x && got.layers == expected.layers, "\(name)")
      #expect(got.obs.index == expected.obs.index && got.var.index == expected.var.index)
    }
    #expect(try shell.data("text.st") == shell.data("piped.st"))
  }

  @Test("AnnData out and in again carries the same object, by file and by pipe")
  func annData() throws {
    #expect(try shell.run("sc-preprocess -q in.st | sc-knn -q -o graph.st").status == 0)
    #expect(
      try shell.run("sc-preprocess -q in.st -o p.h5ad && sc-knn -q p.h5ad -o k.h5ad").status == 0)
    #expect(
      try shell.run("sc-preprocess -q in.st --format h5ad | sc-knn -q --format h5ad > piped.h5ad")
        .status == 0)
    let expected = try shell.object("graph.st")
    for name in ["k.h5ad", "piped.h5ad"] {
      #expect(try shell.run("sc-knn -q \(name) -o again.st").status == 0)
      let got = try shell.object("again.st")
      #expect(got.x == expected.x && got.layers == expected.layers, "\(name)")
      #expect(got.obsm == expected.obsm && got.obsp == expected.obsp, "\(name)")
      #expect(got.obs == expected.obs && got.var == expected.var, "\(name)")
      #expect(got.history.map(\.tool) == ["sc-preprocess", "sc-knn", "sc-knn"])
    }
    #expect(
      try shell.run("sc-knn -q k.h5ad -o k.h5ad; sc-eval k.h5ad --history | wc -l").text == "4\n")
    #expect(try shell.leftovers.isEmpty)
  }
}
