import Foundation
import Testing

/// Signals and crashes leave nothing behind.
@Suite struct SignalTests {
  @Test(
    "a signal while the result is written ends the stage by it and leaves no file",
    .enabled(if: Shell.has("strace"), "needs strace(1)"),
    arguments: [("TERM", 143), ("INT", 130)], ["out.st", "out.h5ad"])
  func whileWriting(_ signal: (name: String, status: Int), _ output: String) throws {
    let shell = try Shell()
    try shell.writeInput()
    // The stage is held up for two seconds before the bytes are made safe on the disk. Until then
    // its file has a hidden name, or none.
    let outcome = try shell.run(
      """
      set -m
      strace -f -qq -o trace -e trace=fsync -e inject=fsync:delay_enter=2000000 \
        sc-preprocess -q in.st -o \(output) &
      for i in {1..100}; do
        ls .sc-* >/dev/null 2>&1 && echo writing && break
        ls -l /proc/$(pgrep -P $!)/fd 2>/dev/null | grep -q '#[0-9]* (deleted)' && echo writing && break
        sleep 0.1
      done
      pkill -\(signal.name) -P $!
      wait $!
      echo $?
      """)
    let lines = outcome.text.split(separator: "\n")
    #expect(lines == ["writing", "\(signal.status)"], "\(outcome.text)\(outcome.errors)")
    #expect(!shell.exists(output))
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
