import Foundation
import Testing

/// Signals and crashes leave nothing behind.
@Suite struct SignalTests {
  @Test(
    "a signal while the result is written ends the stage by it and removes the temporary file",
    .enabled(if: Shell.has("strace"), "needs strace(1)"), arguments: [("TERM", 143), ("INT", 130)])
  func whileWriting(_ signal: String, _ status: Int) throws {
    let shell = try Shell()
    try shell.writeInput()
    // The stage is held up for two seconds before the bytes are made safe on the disk.
    let outcome = try shell.run(
      """
      set -m
      strace -f -qq -o trace -e trace=fsync -e inject=fsync:delay_enter=2000000 \
        sc-preprocess -q in.st -o out.st &
      for i in {1..100}; do ls .sc-* >/dev/null 2>&1 && break; sleep 0.1; done
      ls .sc-*
      pkill -\(signal) -P $!
      wait $!
      echo $?
      """)
    let lines = outcome.text.split(separator: "\n")
    #expect(lines.first?.hasPrefix(".sc-preprocess-") == true, "\(outcome.text)\(outcome.errors)")
    #expect(lines.last == "\(status)")
    #expect(!shell.exists("out.st"))
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("a signal while the input is awaited ends the stage by it")
  func whileReading() throws {
    let shell = try Shell()
    let outcome = try shell.run(
      """
      mkfifo pipe
      sleep 30 > pipe & holder=$!
      sc-knn pipe -o out.st & stage=$!
      sleep 0.5
      kill -TERM $stage
      wait $stage
      echo $?
      kill -KILL $holder
      """)
    #expect(outcome.text == "143\n")
    #expect(!shell.exists("out.st"))
  }

  @Test(
    "whatever the memory limit, a stage ends with 0 or 71",
    arguments: Shell.programs, [150, 200, 250, 300, 350, 400, 450, 500, 600, 1000, 2000])
  func memoryLimits(_ program: String, _ megabytes: Int) throws {
    let shell = try Shell()
    try shell.writeInput()
    let option = program == "sc-eval" ? "--clusters-column type" : "-o out.st"
    let outcome = try shell.run(
      "ulimit -v \(megabytes * 1024); \(program) -q in.st \(option)", timeout: 20)
    #expect([0, 71].contains(outcome.status), "\(outcome.status): \(outcome.errors)")
    if outcome.status == 71 { #expect(outcome.errors.contains("not enough memory")) }
    if megabytes == 2000 { #expect(outcome.status == 0) }
    #expect(try shell.leftovers.isEmpty)
  }
}
