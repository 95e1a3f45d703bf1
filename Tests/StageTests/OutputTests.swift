import CellData
import Foundation
import Tensors
import Testing

/// The destinations of results, and what happens if they cannot be written.
@Suite struct OutputTests {
  private let shell: Shell
  private let expected: Data

  init() throws {
    shell = try Shell()
    try shell.writeInput()
    expected = try shell.run("sc-preprocess -q in.st").output
  }

  @Test func fileAndPipeGetTheSameBytes() throws {
    #expect(try shell.run("sc-preprocess in.st -o out.st").status == 0)
    #expect(try shell.data("out.st") == expected)
    #expect(try shell.run("cat in.st | sc-preprocess - -o - | cat").output == expected)
    #expect(try shell.run("sc-preprocess < in.st").output == expected)
    #expect(expected.count > 10_000)
  }

  @Test("neither the threads nor the run change a byte")
  func repeatable() throws {
    let one = try shell.run("sc-preprocess -q in.st -t 1 | sc-knn -q -t 1")
    let two = try shell.run("sc-preprocess -q in.st -t 2 | sc-knn -q -t 2")
    let three = try shell.run(
      "sc-preprocess -q in.st | sc-knn -v --progress always", environment: ["SC_THREADS": "3"])
    #expect(one.status == 0 && one.output.count > expected.count)
    #expect(one.output == two.output)
    #expect(one.output == three.output)
    let thousand = try shell.run("sc-preprocess -q in.st -t 1000 | sc-knn -q -t 1000")
    #expect(one.output == thousand.output, "\(thousand.errors)")
  }

  @Test("a closed pipe ends a stage silently with 141", arguments: ["sc-preprocess", "sc-knn"])
  func closedPipe(_ program: String) throws {
    // A pipe holds 64 KiB: the writer of a longer stream meets the closed end.
    #expect(expected.count > 64 << 10)
    try shell.write(expected, to: "p.st")
    let outcome = try shell.run(
      "\(program) -q p.st | head -c 1 >/dev/null; echo ${PIPESTATUS[0]}")
    #expect(outcome.text == "141\n")
    #expect(outcome.errors.isEmpty)
  }

  @Test("an ignored SIGPIPE makes no difference")
  func ignoredSignal() throws {
    let outcome = try shell.run(
      "trap '' PIPE; sc-preprocess -q in.st | head -c 1 >/dev/null; echo ${PIPESTATUS[0]}")
    #expect(outcome.text == "141\n")
  }

  @Test("a full disk ends with 74", arguments: ["> /dev/full", "-o /dev/full"])
  func fullDisk(_ target: String) throws {
    let outcome = try shell.run("sc-preprocess -q in.st \(target)")
    #expect(outcome.status == 74)
    #expect(outcome.errors.contains("No space left on device"))
    #expect(try shell.run("sc-eval in.st --clusters-column type \(target)").status == 74)
  }

  @Test("names that HDF5 cannot hold are changed in it with a line; in streams they stay")
  func slashes() throws {
    try shell.writeInput { cells in
      cells.obs["a/b"] = .strings(cells.obs.index)
      cells.obsm["X/y"] = Matrix<Float>.zeros(cells.cellCount, 2)
    }
    let line = "names that HDF5 cannot hold are changed: 'obs/a/b as a_b', 'obsm/X/y as X_y'\n"
    for format in ["h5ad", "h5mu"] {
      let made = try shell.run("sc-preprocess in.st -o o.\(format)")
      #expect(made.status == 0 && made.errors.contains(line), "\(made.errors)")
    }
    let stream = try shell.run("sc-preprocess in.st -o o.st")
    #expect(!stream.errors.contains("cannot hold"))
    #expect(try shell.object("o.st").obs["a/b"] != nil)
  }

  @Test("a limit to the size of files ends with 74 and leaves nothing")
  func fileSizeLimit() throws {
    let outcome = try shell.run("ulimit -f 8; sc-preprocess -q in.st -o out.st")
    #expect(outcome.status == 74)
    #expect(outcome.errors.contains("out.st: ") && outcome.errors.contains("File too large"))
    #expect(!shell.exists("out.st"))
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("folders and missing folders end with 73")
  func impossibleTargets() throws {
    try FileManager.default.createDirectory(
      at: shell.url("folder"), withIntermediateDirectories: true)
    for target in ["folder", "folder/", ".", "nothing/out.st", "in.st/out.st", "/proc/out.st"] {
      let outcome = try shell.run("sc-preprocess -q in.st -o \(target)")
      #expect(outcome.status == 73, "\(target): \(outcome.errors)")
      #expect(outcome.output.isEmpty)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: shell.url("folder").path).isEmpty)
  }

  @Test("the output may be the input, its link, or a link to nothing yet")
  func sameFile() throws {
    try shell.run(
      "cp in.st same.st; cp in.st real.st; ln -s real.st link.st; ln -s new.st dangling.st")
    for name in ["same.st", "link.st"] {
      #expect(try shell.run("sc-preprocess -q \(name) -o \(name)").status == 0)
      #expect(try shell.data(name) == expected)
    }
    #expect(try shell.run("sc-preprocess -q in.st -o dangling.st").status == 0)
    #expect(try shell.data("new.st") == expected)
    #expect(try shell.run("readlink link.st dangling.st").text == "real.st\nnew.st\n")
  }

  @Test("a file that is replaced keeps its mode; a failed run leaves it as it was")
  func replacement() throws {
    try shell.write("old", to: "out.st")
    #expect(try shell.run("chmod 640 out.st; sc-knn -q /dev/null -o out.st").status == 65)
    #expect(try shell.data("out.st") == Data("old".utf8))
    #expect(try shell.run("sc-preprocess -q in.st -o out.st; stat -c %a out.st").text == "640\n")
    #expect(try shell.data("out.st") == expected)
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("devices and pipes are written, not replaced")
  func devices() throws {
    #expect(try shell.run("sc-preprocess -q in.st -o /dev/null; test -c /dev/null").status == 0)
    #expect(
      try shell.run("mkfifo p; cat p > got.st & sc-preprocess -q in.st -o p; wait; test -p p")
        .status
        == 0)
    #expect(try shell.data("got.st") == expected)
  }

  @Test("twenty writers of one file leave one whole file")
  func manyWriters() throws {
    let outcome = try shell.run(
      "for i in {1..20}; do sc-preprocess -q -t 1 in.st -o out.st & done; wait")
    #expect(outcome.status == 0)
    #expect(try shell.data("out.st") == expected)
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("binary data is kept from terminals", .enabled(if: Shell.has("script"), "needs script(1)"))
  func terminal() throws {
    let toTerminal = try shell.run("script -qec 'sc-preprocess in.st' /dev/null")
    #expect(toTerminal.status == 64)
    #expect(
      toTerminal.text.contains("is a terminal, and the result is binary; name a file with -o"))
    let fromTerminal = try shell.run("script -qec 'sc-knn -o out.st' /dev/null")
    #expect(fromTerminal.status == 64)
    #expect(fromTerminal.text.contains("standard input: is a terminal; name a file"))
    try shell.writeInput { $0.obs["same"] = $0.obs["type"] }
    let report = try shell.run(
      "script -qec 'sc-eval in.st --clusters-column type --labels same' /dev/null")
    #expect(report.status == 0)
    #expect(report.text.contains("acc") && report.text.contains("1.0000"))
  }
}
